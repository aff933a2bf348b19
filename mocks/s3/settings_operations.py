"""The part of the S3 mock's table of contents that is about configurations of buckets."""

from __future__ import annotations

from collections.abc import Mapping

from mocks.base import Handler
from mocks.s3 import (
    abac,
    acceleration,
    access_logs,
    bucket_tagging,
    cors,
    lifecycle,
    replication,
    reports,
    request_payment,
)

OPERATIONS: Mapping[str, Handler] = {
    "GetBucketTagging": bucket_tagging.get_bucket_tagging,
    "PutBucketTagging": bucket_tagging.put_bucket_tagging,
    "DeleteBucketTagging": bucket_tagging.delete_bucket_tagging,
    "GetBucketAbac": abac.get_bucket_abac,
    "PutBucketAbac": abac.put_bucket_abac,
    "GetBucketAccelerateConfiguration": acceleration.get_bucket_accelerate_configuration,
    "PutBucketAccelerateConfiguration": acceleration.put_bucket_accelerate_configuration,
    "GetBucketLogging": access_logs.get_bucket_logging,
    "PutBucketLogging": access_logs.put_bucket_logging,
    "GetBucketRequestPayment": request_payment.get_bucket_request_payment,
    "PutBucketRequestPayment": request_payment.put_bucket_request_payment,
    "GetBucketLifecycleConfiguration": lifecycle.get_bucket_lifecycle_configuration,
    "PutBucketLifecycleConfiguration": lifecycle.put_bucket_lifecycle_configuration,
    "GetBucketLifecycle": lifecycle.get_bucket_lifecycle_configuration,
    "PutBucketLifecycle": lifecycle.put_bucket_lifecycle_configuration,
    "DeleteBucketLifecycle": lifecycle.delete_bucket_lifecycle,
    "GetBucketCors": cors.get_bucket_cors,
    "PutBucketCors": cors.put_bucket_cors,
    "DeleteBucketCors": cors.delete_bucket_cors,
    "OptionsBucket": cors.preflight,
    "OptionsObject": cors.preflight,
    "GetBucketReplication": replication.get_bucket_replication,
    "PutBucketReplication": replication.put_bucket_replication,
    "DeleteBucketReplication": replication.delete_bucket_replication,
    "GetBucketInventoryConfiguration": reports.INVENTORY.get,
    "PutBucketInventoryConfiguration": reports.INVENTORY.put,
    "DeleteBucketInventoryConfiguration": reports.INVENTORY.delete,
    "ListBucketInventoryConfigurations": reports.INVENTORY.list,
    "GetBucketAnalyticsConfiguration": reports.ANALYTICS.get,
    "PutBucketAnalyticsConfiguration": reports.ANALYTICS.put,
    "DeleteBucketAnalyticsConfiguration": reports.ANALYTICS.delete,
    "ListBucketAnalyticsConfigurations": reports.ANALYTICS.list,
    "GetBucketMetricsConfiguration": reports.METRICS.get,
    "PutBucketMetricsConfiguration": reports.METRICS.put,
    "DeleteBucketMetricsConfiguration": reports.METRICS.delete,
    "ListBucketMetricsConfigurations": reports.METRICS.list,
    "GetBucketIntelligentTieringConfiguration": reports.TIERING.get,
    "PutBucketIntelligentTieringConfiguration": reports.TIERING.put,
    "DeleteBucketIntelligentTieringConfiguration": reports.TIERING.delete,
    "ListBucketIntelligentTieringConfigurations": reports.TIERING.list,
}
