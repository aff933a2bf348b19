// An application with the AWS SDK for JavaScript, version 3, unmodified: what it found, as JSON.
import {
  CreateBucketCommand, DeleteObjectsCommand, GetObjectCommand, GetObjectTaggingCommand, HeadObjectCommand,
  ListObjectVersionsCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client, S3ServiceException,
  paginateListObjectsV2, waitUntilBucketExists,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";

const s3 = new S3Client({ forcePathStyle: process.env.STYLE === "path" });
const Bucket = `shop-${process.env.STYLE}`;
const told = {};

await s3.send(new CreateBucketCommand({ Bucket }));
await waitUntilBucketExists({ client: s3, maxWaitTime: 10, minDelay: 1 }, { Bucket });

const Key = "a b/+ü?.txt";
const put = await s3.send(new PutObjectCommand({
  Bucket, Key, Body: "hello", ContentType: "text/plain", Metadata: { order: "6735" }, Tagging: "team=shop",
}));
told.put = [put.ETag, put.ChecksumCRC32, put.ChecksumType];
const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
told.got = [await got.Body.transformToString(), got.ContentType, got.Metadata.order, got.TagCount];
told.tags = (await s3.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet;
told.range = await (await s3.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=1-3" }))).Body.transformToString();

const hash = createHash("sha256");
function* pieces() {
  for (let number = 0; number < 120; number++) {
    const piece = Buffer.alloc(100_000, number);
    hash.update(piece);
    yield piece;
  }
}
const upload = new Upload({ client: s3, params: { Bucket, Key: "big", Body: Readable.from(pieces()) } });
told.big = (await upload.done()).ETag.endsWith('-3"');
const back = createHash("sha256");
const big = await s3.send(new GetObjectCommand({ Bucket, Key: "big" }));
for await (const chunk of big.Body) back.update(chunk);
told.same = hash.digest("hex") === back.digest("hex");
told.parts = (await s3.send(new HeadObjectCommand({ Bucket, Key: "big", PartNumber: 1 }))).PartsCount;

await Promise.all(Array.from({ length: 25 }, (_, n) =>
  s3.send(new PutObjectCommand({ Bucket, Key: `many/${n}`, Body: String(n) }))));
told.pages = [];
for await (const page of paginateListObjectsV2({ client: s3, pageSize: 10 }, { Bucket, Prefix: "many/" })) {
  told.pages.push(page.KeyCount);
}
const deleted = await s3.send(new DeleteObjectsCommand({
  Bucket, Delete: { Objects: Array.from({ length: 25 }, (_, n) => ({ Key: `many/${n}` })) },
}));
told.deleted = deleted.Deleted.length;

told.presigned = await (await fetch(await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key })))).text();
const target = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "up" }), { expiresIn: 60 });
told.presignedPut = (await fetch(target, { method: "PUT", body: "up" })).status;
const post = await createPresignedPost(s3, {
  Bucket, Key: "posted", Conditions: [["content-length-range", 0, 10]], Fields: { "Content-Type": "text/plain" },
});
const form = (text) => {
  const fields = new FormData();
  for (const [name, value] of Object.entries(post.fields)) fields.append(name, value);
  fields.append("file", new Blob([text]));
  return fields;
};
told.posted = (await fetch(post.url, { method: "POST", body: form("posted") })).status;
told.tooLarge = (await (await fetch(post.url, { method: "POST", body: form("too much of it") })).text()).includes("EntityTooLarge");

const failed = async (command) => {
  try {
    await s3.send(command);
  } catch (error) {
    return [error instanceof S3ServiceException, error.name, error.$metadata.httpStatusCode];
  }
};
told.missing = await failed(new GetObjectCommand({ Bucket, Key: "nothing" }));
told.exists = await failed(new PutObjectCommand({ Bucket, Key, Body: "again", IfNoneMatch: "*" }));

await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
await s3.send(new PutObjectCommand({ Bucket, Key, Body: "second" }));
told.versions = (await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: "a b/" }))).Versions
  .map((version) => [version.IsLatest, version.VersionId === "null", version.Size]);
console.log(JSON.stringify(told));
