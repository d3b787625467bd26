#!/bin/sh
# Files a parcel, reads the decision and what changed. Needs curl.
#   SERAI_URL=http://127.0.0.1:8000 SERAI_KEY=serai_... sh curl.sh [FILE.json]
set -eu
: "${SERAI_URL:?the address of the server}" "${SERAI_KEY:?your key}"
file=${1:-$(dirname "$0")/../messages/declaration.json}

ask() {
    # A reply means durable, and a repeat is harmless: so curl may try again.
    curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused \
        --header "Authorization: Bearer $SERAI_KEY" "$@"
}

echo "filed:"
ask --header "Content-Type: application/json" --data-binary "@$file" "$SERAI_URL/v1/declarations"
echo
echo "what changed:"
ask "$SERAI_URL/v1/events?limit=10"
echo
