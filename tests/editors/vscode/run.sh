#!/bin/bash
# Packages the extension with a server, and uses it in a real VS Code, in a network that has no way out.
#   run.sh package SERVER DIR     makes the file
#   run.sh drive DIR              what ../run.sh has put into DIR: workspace, fixture, home, and the server that is recorded in bin
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
extension=$root/editors/vscode
export CACHE=$root/.cache/editors/vscode
export PATH=$CACHE/node/node_modules/node/bin:$PATH

package() {
    local server=$1 dir=$2
    if [[ $server = */debug/* ]]; then
        strip -o "$dir/dockerfile-ls" "$server"   # else it is five times as large
        server=$dir/dockerfile-ls
    fi
    rm -f "$extension"/*.vsix
    (cd "$extension" && npm test && DOCKERFILE_LS=$server npm run package)
    mv "$extension"/*.vsix "$dir"
}

drive() {
    export DIR=$1 DEBUG_BUILD=
    [[ $SERVER != */debug/* ]] || DEBUG_BUILD=1
    VSIX=$(echo "$DIR"/*.vsix)
    export VSIX
    local size code=0
    size=$(stat -c %s "$VSIX")
    echo "      $(basename "$VSIX"): $size bytes"
    verdict "the extension has less than 10 MB" [ "$size" -lt 10000000 ]
    if unshare --net true 2> /dev/null; then
        unshare --net "$here/outside.py" "$DIR/outside" node "$here/run.mjs" || code=$?
        verdict "no packet tried to leave this machine" [ ! -s "$DIR/outside" ]
        sort "$DIR/outside" | uniq -c | sed 's/^/      | /'
    else
        echo "      only root can have a network without a way out; what the pages ask for is looked at all the same"
        node "$here/run.mjs" || code=$?
    fi
    return "$code"
}

verdict() {
    local name=$1
    shift
    if "$@"; then echo "ok    $name"; else echo "FAIL  $name"; fi
}

"$@"
