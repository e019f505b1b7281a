#!/bin/bash
# Packages the extension with a server, and uses it in a real VS Code, in a network that has no way out.
#   run.sh package SERVER VSIX     makes the file
#   run.sh drive DIR VSIX          what ../run.sh has put into DIR: workspace, fixture, home, and the server that is recorded in bin
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
extension=$root/editors/vscode
export CACHE=$root/.cache/editors/vscode
export PATH=$CACHE/node/node_modules/node/bin:$PATH

package() {
    local server=$1 vsix=$2 lock=$extension/package-lock.json
    if ! cmp -s "$lock" "$extension/node_modules/.installed"; then
        (cd "$extension" && npm ci --no-audit --no-fund) && cp "$lock" "$extension/node_modules/.installed"
    fi
    rm -f "$extension"/*.vsix
    (cd "$extension" && DOCKERFILE_LS=$server npm run package)
    mv "$extension"/*.vsix "$vsix"
}

drive() {
    export DIR=$1 VSIX=$2
    local size
    size=$(stat -c %s "$VSIX")
    verdict "the extension has less than 10 MB" [ "$size" -lt 10000000 ]
    echo "      $(basename "$VSIX"): $size bytes"
    if unshare --net true 2> /dev/null; then
        unshare --net "$here/outside.py" "$DIR/outside" node "$here/run.mjs" || true
        verdict "no packet tried to leave this machine" [ ! -s "$DIR/outside" ]
        sort "$DIR/outside" | uniq -c
    else
        echo "      only root can have a network without a way out; what the pages ask for is looked at all the same"
        node "$here/run.mjs" || true
    fi
}

verdict() {
    local name=$1
    shift
    if "$@"; then echo "ok    $name"; else echo "FAIL  $name"; fi
}

"$@"
