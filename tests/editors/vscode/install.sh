#!/bin/bash
# Fetches VS Code for a browser (code-server), Chromium and what drives it, through npm and apt, into .cache/editors/vscode: 620 MB;
# and what builds the extension.
# Missing packages of Debian are installed, as root. About 4 minutes; then nothing is left to do.
# Exit code 75 means that npm's registry could not be reached, or that Chromium or a compiler is missing and cannot be had.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
cache=$root/.cache/editors/vscode
unreachable=75
# code-server has its numbers from VS Code: 4.139.1 is 1.139.1.
node=24.21.0 code_server=4.139.1 playwright=1.65.1

main() {
    mkdir -p "$cache"
    exec 9> "$cache/lock" && flock 9
    commands
    [ "$(cat "$cache/complete" 2> /dev/null)" = "$node $code_server $playwright" ] || fetch
    extension
    "$cache/bin/vscode" --version
}

extension() {
    local lock=$root/editors/vscode/package-lock.json installed=$root/editors/vscode/node_modules/.installed
    ! cmp -s "$lock" "$installed" || return 0
    (cd "$root/editors/vscode" && npm ci --no-audit --no-fund) > "$cache/extension.log" 2>&1 || failed extension "what builds the extension"
    cp "$lock" "$installed"
}

failed() {
    tail -20 "$cache/$1.log"
    reached || exit "$unreachable"
    echo "install.sh: $2 cannot be installed" >&2
    exit 1
}

reached() {
    npm view "code-server@$code_server" version > /dev/null || { echo "install.sh: npm reaches no registry here" >&2; return 1; }
}

# Packages by what shows that they are there.
commands() {
    local missing=()
    command -v npm > /dev/null || missing+=(npm)
    command -v chromium > /dev/null || missing+=(chromium)
    command -v python3 > /dev/null || missing+=(python3)
    command -v ip > /dev/null || missing+=(iproute2)
    command -v fc-match > /dev/null || missing+=(fontconfig)
    if [ ! -e "$cache/complete" ]; then   # a part of code-server is compiled
        command -v g++ > /dev/null && command -v make > /dev/null || missing+=(build-essential)
        command -v pkg-config > /dev/null || missing+=(pkg-config)
        pkg-config --exists krb5-gssapi 2> /dev/null || missing+=(libkrb5-dev)
    fi
    [ "$(fc-match -f '%{family}' 'DejaVu Sans Mono' 2> /dev/null)" = 'DejaVu Sans Mono' ] || missing+=(fonts-dejavu-core)
    [ "${#missing[@]}" -gt 0 ] || return 0
    { apt-get -qq update; apt-get -qq -y install --no-install-recommends "${missing[@]}"; } \
        || { echo "install.sh: apt does not give ${missing[*]} here" >&2; exit "$unreachable"; }
}

fetch() {
    reached || exit "$unreachable"
    rm -rf "$cache"/{node,code-server,playwright,bin,complete}
    package node "node@$node"
    # Its headers come with it, so that none need be fetched for what is compiled.
    export PATH=$cache/node/node_modules/node/bin:$PATH
    npm_config_nodedir=$(echo "$cache"/node/node_modules/node/node_modules/node-linux-*)
    export npm_config_nodedir
    package code-server "code-server@$code_server" --foreground-scripts
    package playwright "playwright-core@$playwright" --ignore-scripts
    mkdir "$cache/bin"
    wrapper
    echo "$node $code_server $playwright" > "$cache/complete"
}

# Newer versions of npm run only the scripts that package.json allows.
package() {
    local name=$1 spec=$2
    shift 2
    mkdir "$cache/$name"
    echo "{\"private\": true, \"allowScripts\": {\"$spec\": true}}" > "$cache/$name/package.json"
    (cd "$cache/$name" && npm install --save-exact --no-audit --no-fund "$@" "$spec") > "$cache/$name.log" 2>&1 \
        || failed "$name" "$spec"
}

wrapper() {
    cat > "$cache/bin/vscode" <<-'END'
	#!/bin/sh
	here=$(cd "$(dirname "$0")/.." && pwd)
	export PATH="$here/node/node_modules/node/bin:$PATH"
	if [ "$*" = --version ]; then
	    sed -n 's/^ *"version": "4\.\([0-9.]*\)",$/VS Code 1.\1 (code-server 4.\1)/p' "$here/code-server/node_modules/code-server/package.json"
	    exit
	fi
	exec node "$here/code-server/node_modules/code-server" "$@"
	END
    chmod +x "$cache/bin/vscode"
}

main "$@"
