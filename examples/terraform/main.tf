# An environment at the broker for as long as this configuration is applied.
#
# The http provider is a data source with GET, HEAD and POST: it can read a bundle, and neither open (PUT) nor close
# (DELETE) an environment, and data sources have no end of life. So terraform_data opens and closes with curl, and the
# http provider reads the bundle, which it does again in every plan. Both the token and the bundle's virtual
# credentials are then in Terraform's state: keep the state encrypted and away from the preview.
terraform {
  required_version = ">= 1.5"
  required_providers {
    http = {
      source  = "hashicorp/http"
      version = ">= 3.4"
    }
  }
}

variable "broker_url" {
  type        = string
  description = "Where the broker is reached: https://broker.preview.example."
}

variable "broker_token" {
  type        = string
  sensitive   = true
  description = "The broker's control token. The provisioners read the variable BROKER_TOKEN of Terraform's own process instead."
}

variable "name" {
  type        = string
  description = "The environment's name, for instance pr-142."
}

variable "ttl" {
  type        = string
  default     = "3d"
  description = "How long it lives when nobody renews it."
}

resource "terraform_data" "environment" {
  # A destroy-time provisioner may look at self only, so that is where the address stands.
  input            = "${var.broker_url}/_broker/v1/environments/${var.name}"
  triggers_replace = [var.broker_url, var.name]

  provisioner "local-exec" {
    interpreter = ["sh", "-euc"]
    environment = {
      ENVIRONMENT = self.input
      OPENING     = jsonencode({ ttl = var.ttl, reopen = true })
    }
    command = <<-EOT
      printf 'header = "Authorization: Bearer %s"\n' "$BROKER_TOKEN" |
        curl --config - --fail-with-body --silent --show-error --request PUT --output /dev/null \
          --header 'Content-Type: application/json' --data "$OPENING" "$ENVIRONMENT"
    EOT
  }

  provisioner "local-exec" {
    when        = destroy
    interpreter = ["sh", "-euc"]
    environment = {
      ENVIRONMENT = self.input
    }
    command = <<-EOT
      printf 'header = "Authorization: Bearer %s"\n' "$BROKER_TOKEN" |
        curl --config - --fail-with-body --silent --show-error --max-time 600 --request DELETE "$ENVIRONMENT"
    EOT
  }
}

data "http" "bundle" {
  url = "${terraform_data.environment.output}/bundle"

  request_headers = {
    Accept        = "application/json"
    Authorization = "Bearer ${var.broker_token}"
  }

  lifecycle {
    postcondition {
      condition     = self.status_code == 200
      error_message = "The broker gave no bundle: it answered ${self.status_code}."
    }
  }
}

output "variables" {
  description = "What the application's components read: EXTERNAL_API_ENDPOINT, keys, secrets."
  value       = jsondecode(data.http.bundle.response_body).variables
  sensitive   = true
}
