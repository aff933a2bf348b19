#!/usr/bin/env bash
# The one step of the action: open, heartbeat or close, by the broker's control API. Bash 4 and curl.
set -euo pipefail
umask 077

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  # https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions#setting-an-error-message
  echo "::error::preview-broker: $(encoded "$1")"
  exit 1
}

# A workflow command is one line: what would end it early is written as GitHub reads it back.
encoded() {
  local text=${1//'%'/%25}
  text=${text//$'\r'/%0D}
  printf '%s' "${text//$'\n'/%0A}"
}

output() {
  printf '%s=%s\n' "$1" "$2" >> "$GITHUB_OUTPUT"
}

# A string as JSON has it. Control characters other than these three stand in no policy.
json() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\n'/\\n}
  text=${text//$'\r'/\\r}
  text=${text//$'\t'/\\t}
  printf '"%s"' "$text"
}

# What stands in a text member of the broker's JSON, which has no spaces around its colons. For names, times and
# sentences: an escaped quote ends it.
member() {
  sed -n "s/.*\"$1\":\"\([^\"\\\\]*\).*/\1/p" "$2" | head -n 1
}

# request TOKEN METHOD URL OUT [curl options]: the status in $status. The token goes through a file descriptor, since
# a command line can be read by every process of the runner.
request() {
  local token=$1 method=$2 url=$3 out=$4
  shift 4
  status=$(curl --silent --show-error --max-time 600 --retry "${BROKER_RETRIES:-3}" --retry-connrefused \
    --config <(printf 'header = "Authorization: Bearer %s"\n' "$token") \
    --request "$method" --output "$out" --write-out '%{http_code}' "$@" "$url") ||
    fail "no answer from ${url%%\?*}"
}

broker() {
  local method=$1 path=$2
  shift 2
  request "$INPUT_TOKEN" "$method" "$base/_broker/v1/environments/$INPUT_NAME$path" "$work/answer" "$@"
}

check() {
  [[ $status == 2* ]] || fail "$1: the broker answered $status. $(member detail "$work/answer")"
}

# Lines NAME=VALUE of the bundle, or NAME<<DELIMITER blocks: calls $1 with each name and value.
each_variable() {
  local line name value end
  while IFS= read -r line; do
    name=${line%%[=<]*}
    if [[ $line == "$name<<"* ]]; then
      end=${line#"$name<<"} value=
      while IFS= read -r line && [[ $line != "$end" ]]; do
        value+=${value:+$'\n'}$line
      done
    else
      value=${line#*=}
    fi
    "$1" "$name" "$value"
  done < "$work/bundle"
}

# An address without a password in it, and a name: everything else is a secret until it is known to be none.
is_public() {
  [[ $1 == BROKER_ENVIRONMENT || $1 == *REGION ]] || [[ $2 =~ ^https?://[^@]*$ ]]
}

mask() {
  local line
  is_public "$1" "$2" && return
  while IFS= read -r line; do
    [[ -z $line ]] || echo "::add-mask::$(encoded "$line")"
  done <<< "$2"
}

row() {
  if is_public "$1" "$2"; then
    printf '| `%s` | `%s` |\n' "$1" "$2"
  else
    printf '| `%s` | secret |\n' "$1"
  fi
}

# One comment a pull request and environment, made or written anew: found by a mark that people do not see.
comment() {
  [[ $INPUT_COMMENT == true && -n ${PULL_REQUEST:-} ]] || return 0
  local mark="<!-- preview-broker environment $INPUT_NAME -->" text=$1
  local api="${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY/issues" id='' page found
  text="$mark"$'\n'"$text"$'\n'"<sub>[Run](${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID)</sub>"
  for page in 1 2 3 4 5 6 7 8 9 10; do
    github GET "$api/$PULL_REQUEST/comments?per_page=100&page=$page"
    # A comment's own address stands before its text. Whoever writes such an address into a text writes quotes that
    # JSON escapes, so it is not taken for one.
    found=$(grep -oE "\"url\" ?: ?\"[^\"]*/issues/comments/[0-9]+\"|\"body\" ?: ?\"(<|\\\\u003[cC])!-- preview-broker environment $INPUT_NAME --" \
      "$work/comments" | grep -B 1 '"body"' | sed -n 's,.*/issues/comments/\([0-9]*\)"$,\1,p' | head -n 1) || true
    if [[ -n $found ]]; then
      id=$found
      break
    fi
    # The last page is not full.
    (($(grep -oE '"url" ?: ?"[^"]*/issues/comments/[0-9]+"' "$work/comments" | wc -l) == 100)) || break
  done
  printf '{"body":%s}' "$(json "$text")" > "$work/comment"
  if [[ -n $id ]]; then
    github PATCH "$api/comments/$id" --data-binary "@$work/comment"
  else
    github POST "$api/$PULL_REQUEST/comments" --data-binary "@$work/comment"
  fi
}

github() {
  local method=$1 url=$2
  shift 2
  request "$INPUT_GITHUB_TOKEN" "$method" "$url" "$work/comments" \
    --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' "$@"
  # The environment is what counts: a missing permission to comment must not stop a deploy.
  [[ $status == 2* ]] || echo "::warning::preview-broker: GitHub answered $status to $method ${url%%\?*}: may the token write pull requests?"
}

open_environment() {
  local body policy
  body="{\"reopen\":$([[ $INPUT_REOPEN == true ]] && echo true || echo false),\"trust\":$(json "$INPUT_TRUST")"
  [[ -z $INPUT_TTL ]] || body+=",\"ttl\":$(json "$INPUT_TTL")"
  if [[ -f $INPUT_POLICY ]]; then
    policy=$(< "$INPUT_POLICY")
    body+=",\"policy\":$(json "$policy")"
  elif [[ $INPUT_POLICY != .broker.yaml && -n $INPUT_POLICY ]]; then
    fail "there is no policy file $INPUT_POLICY"
  fi
  printf '%s}' "$body" > "$work/body"
  broker PUT '' --header 'Content-Type: application/json' --data-binary "@$work/body" --dump-header "$work/headers"
  check 'open'
  cp "$work/answer" "$work/opened"
  broker GET '/bundle?format=github'
  check 'the bundle'
  cp "$work/answer" "$work/bundle"
  # Masked before any later step can print one.
  each_variable mask
  cat "$work/bundle" >> "$GITHUB_ENV"
  output outcome "$(tr -d '\r' < "$work/headers" | sed -n 's/^[Bb]roker-[Oo]utcome: *//p' | tail -n 1)"
  output endpoint "$(member endpoint "$work/opened")"
  output expires-at "$(member expires_at "$work/opened")"
  comment "**Preview environment \`$INPUT_NAME\`** is open until $(member expires_at "$work/opened").

| Variable | Value |
| --- | --- |
$(each_variable row)"
}

renew_environment() {
  local body='{}'
  [[ -z $INPUT_TTL ]] || body="{\"ttl\":$(json "$INPUT_TTL")}"
  broker POST /renew --header 'Content-Type: application/json' --data-binary "$body"
  check 'heartbeat'
  output outcome renewed
  output endpoint "$(member endpoint "$work/answer")"
  output expires-at "$(member expires_at "$work/answer")"
}

close_environment() {
  local receipt="${RUNNER_TEMP:-.}/receipt-$INPUT_NAME.json"
  broker DELETE "?wait=$INPUT_WAIT"
  if [[ $status == 404 ]]; then
    echo "::notice::preview-broker: there is no environment $INPUT_NAME"
    output outcome closed
    return
  fi
  if [[ $status != 2* ]]; then
    comment "**Preview environment \`$INPUT_NAME\`** is being closed; something of it is still left."
    check 'close'
  fi
  cp "$work/answer" "$receipt"
  output outcome closed
  output receipt "$receipt"
  comment "**Preview environment \`$INPUT_NAME\`** is closed; all of it was deleted."
}

base=${INPUT_BROKER_URL%/}
[[ $base =~ ^https?://[^[:space:]]+$ ]] || fail 'broker-url is no address'
[[ $INPUT_NAME =~ ^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$ ]] ||
  fail "'$INPUT_NAME' cannot name an environment: outside of pull requests, say which with the input name"
[[ $INPUT_WAIT =~ ^[0-9]{1,4}$ ]] || fail 'wait is no number of seconds'
output name "$INPUT_NAME"
if [[ -z $INPUT_TOKEN ]]; then
  echo '::notice::preview-broker: no token, so nothing is done. Pull requests of forks have no secrets; the broker'"'"'s own GitHub webhook opens their environments.'
  output outcome skipped
  exit 0
fi
[[ $INPUT_TOKEN =~ ^[[:graph:]]+$ && $INPUT_TOKEN != *[\"\\]* ]] || fail 'token has characters that no token has'
echo "::add-mask::$INPUT_TOKEN"

case $INPUT_COMMAND in
  open) open_environment ;;
  heartbeat) renew_environment ;;
  close) close_environment ;;
  *) fail "command is '$INPUT_COMMAND' and not open, heartbeat or close" ;;
esac
