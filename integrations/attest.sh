#!/bin/sh
# The propagation check for components without Python: what `broker env attest` does, with openssl and curl.
#
#   attest.sh COMPONENT [FURTHER_VARIABLE ...]
#
# Runs inside the component, with the variables that the component has. Only keyed digests leave it. openssl takes its
# key as an argument, so other processes of the same container can see it for a moment; they can read the variable too.
set -eu

component=${1:?attest.sh COMPONENT [VARIABLE ...]}
shift
: "${BROKER_ATTEST_KEY:?give this component the bundle of its environment}"
: "${BROKER_ENVIRONMENT:?give this component the bundle of its environment}"
endpoint=${EXTERNAL_API_ENDPOINT-}
broker=${BROKER_URL:-${endpoint%/e/*}}
: "${broker:?set BROKER_URL, or give this component the bundle of its environment}"

digest() {
  printf %s "$2" | openssl dgst -sha256 -hmac "$1" | sed 's/.* //'
}

lines=
for name in DATABASE_URL QUEUE_NAMESPACE_PREFIX CACHE_KEY_PREFIX EXTERNAL_API_ENDPOINT FRONTEND_API_BASE_URL "$@"; do
  case $name in
    '' | [0-9]* | *[!A-Za-z0-9_]*) echo "attest.sh: $name cannot name a variable" >&2 && exit 2 ;;
  esac
  eval "value=\${$name-}"
  [ -n "$value" ] || continue
  line=$name=$(digest "$BROKER_ATTEST_KEY" "$value")
  [ -z "${BROKER_ATTEST_SALT-}" ] || line=$line:$(digest "$BROKER_ATTEST_SALT" "$value")
  lines="$lines$line
"
done

printf 'header = "Authorization: Bearer %s"\n' "$BROKER_ATTEST_KEY" |
  curl --config - --silent --show-error --max-time 30 --fail-with-body --request PUT \
    --header 'Content-Type: text/plain' --data-binary "$lines" --output /dev/stderr \
    "${broker%/}/_broker/v1/environments/$BROKER_ENVIRONMENT/attestations/$component"
