#!/bin/bash
# Opens a multi-stage Dockerfile in real editors, without a screen, and uses the server as their users do.
#   run.sh [EDITOR...]        e.g.  run.sh sid/nvim trixie/hx vscode      all of them by default
# PICTURES is a folder for screenshots of VS Code, if they are wanted.
# DOCKERFILE_LS is the server to test; by default the one that cargo built, release before debug.
# It fetches the editors first (install.sh), and checks what editor and server said to each other (tap.py).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=$root/.cache/editors
target=${CARGO_TARGET_DIR:-$root/target}
# Debian renames its suites as time passes; a version that has moved on is told, and tested all the same.
editors=(bookworm/nvim:0.7 trixie/nvim:0.10 sid/nvim:0.12 trixie/hx:25.01 sid/hx:25.07 vscode:1.139 bookworm/emacs:28 sid/emacs:30 sid/kak:2026 sid/vim:9)
passed=0 failed=0 skipped=0

main() {
    server=${DOCKERFILE_LS:-$(built)}
    [ -x "$server" ] || { echo "run.sh: there is no server ${server:-in $target}; run cargo build, or set DOCKERFILE_LS" >&2; exit 2; }
    server=$(realpath "$server")
    work=$(mktemp -d)
    echo "server: $server"
    [[ $server != */debug/* ]] || echo "NOTE: this is a debug build; cargo build --release makes the one that people use"
    for editor in "${editors[@]}"; do
        [ $# -eq 0 ] || [[ " $* " = *" ${editor%:*} "* ]] || continue
        local name=${editor%:*}
        run "${name%%/*}" "${name##*/}" "${editor#*:}"
    done
    if [ "$failed" -eq 0 ]; then rm -rf "$work"; else echo "the logs are in $work"; fi
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
}

built() {
    local kind
    for kind in release debug; do
        if [ -x "$target/$kind/dockerfile-ls" ]; then
            echo "$target/$kind/dockerfile-ls"
            return
        fi
    done
}

run() {
    local suite=$1 program=$2 version=$3 dir=$work/$1-$2 began=$SECONDS code=0 servers=1 found output
    mkdir "$dir"
    "$here/install.sh" "$suite" > "$dir/install" 2>&1 || code=$?
    if [ "$code" -ne 0 ]; then
        sed 's/^/  /' "$dir/install"
        if [ "$code" -eq 75 ]; then
            skipped=$((skipped + 1)); echo "SKIPPED $suite/$program: the registry cannot be reached"
        else
            failed=$((failed + 1)); echo "FAIL  $suite/$program cannot be installed"
        fi
        return
    fi
    if [ "$program" = kak ] && [ ! -e "$cache/$suite/bin/kak-lsp" ]; then
        skipped=$((skipped + 1)); echo "SKIPPED $suite/$program: $(tail -1 "$dir/install")"
        return
    fi
    found=$(version "$suite" "$program")
    echo "== $found ($suite)"
    [[ $found =~ [^0-9]${version/./\\.}(\.|$) ]] || echo "NOTE: $suite no longer has $version, this is a test of $found"

    workspace "$dir"
    "drive_$program" "$dir" "$suite" > "$dir/output" 2> "$dir/stderr" || code=$?
    [ "$program" != vscode ] || servers=2   # its driver restarts one
    judge "$dir" "$code" "$servers" >> "$dir/output"
    cat "$dir/output"
    local ok fail
    ok=$(grep -c '^ok ' "$dir/output" || true) fail=$(grep -c '^FAIL ' "$dir/output" || true)
    passed=$((passed + ok)) failed=$((failed + fail))
    echo "-- $found: $ok passed, $fail failed, $((SECONDS - began)) s"
}

# Debian's Kakoune does not know its own.
version() {
    if [ "$2" = kak ]; then
        echo "Kakoune $(zcat "$cache/$1/usr/share/doc/kakoune/changelog.Debian.gz" | sed -n '1s/.*(\(.*\)).*/\1/p')"
    else
        "$cache/$1/bin/$2" --version 2> /dev/null | head -1
    fi
}

# A copy of the fixture, below a folder with .git; a server that tells the tap; another for YAML, where Helix looks for one; and
# a docker that only tells how it was called.
workspace() {
    mkdir -p "$1"/{home,config/helix,bin,log,workspace/.git,workspace/app/web,workspace/.github/workflows}
    touch "$1/workspace/app/web/index.js"
    cp "$here"/fixture/Dockerfile "$here"/fixture/Dockerfile.renamed "$1/workspace/app"
    cp "$here"/fixture/Dockerfile "$1/workspace/app/Dockerfile.fixture"
    cp "$here"/fixture/{compose.yaml,docker-bake.hcl} "$1/workspace"
    cp "$here"/fixture/ci.yml "$1/workspace/.github/workflows"
    cp -r "$1/workspace" "$1/fixture"
    cp "$here/other.py" "$1/bin/yaml-language-server"
    cat > "$1/bin/dockerfile-ls" <<-END
	#!/bin/sh
	exec python3 '$here/tap.py' record '$1/log/'\$\$.jsonl '$server' "\$@"
	END
    cat > "$1/bin/docker" <<-END
	#!/bin/sh
	echo "\$PWD: \$*" > '$1/built'
	END
    chmod +x "$1/bin/dockerfile-ls" "$1/bin/docker"
}

# Nothing of the user's settings or environment: a variable called VIM already breaks Neovim.
clean() {
    local dir=$1
    shift
    env -i HOME="$dir/home" XDG_CONFIG_HOME="$dir/config" PATH="$dir/bin:$PATH" TERM=xterm-256color LANG=C.UTF-8 \
        WORKSPACE="$dir/workspace" FIXTURE="$dir/fixture" timeout -k 20 "${limit:-240}" "$@"
}

drive_nvim() {
    cc -O1 -fPIC -shared -o "$1/dockerfile.so" -I "$root/grammar/src" "$root"/grammar/src/*.c
    clean "$1" env CONFIG="$root/editors/neovim/dockerfile-ls.lua" OTHER="$here/other.py" PARSER="$1/dockerfile.so" \
        "$cache/$2/bin/nvim" --headless -u NONE -i NONE -S "$here/neovim.lua" < /dev/null
}

drive_hx() {
    local code=0 config=$1/config/helix/languages.toml
    cp "$root/editors/helix/languages.toml" "$config"
    if clean "$1" "$cache/$2/bin/hx" --health docker-bake | grep -q '^Configured'; then
        cat "$root/editors/helix/languages-after-25.07.toml" >> "$config"
    fi
    clean "$1" env TMUX_PROGRAM="$cache/$2/bin/tmux" python3 "$here/helix.py" "$cache/$2/bin/hx" < /dev/null || code=$?
    "$cache/$2/bin/tmux" -S "$1/workspace/tmux" kill-server 2> /dev/null || true   # if it was stopped half-way
    return "$code"
}

drive_emacs() {
    clean "$1" env CONFIG="$root/editors/emacs/dockerfile-ls.el" OTHER="$here/other.py" \
        "$cache/$2/bin/emacs" -Q --batch -l "$here/emacs.el" < /dev/null
}

drive_kak() {
    local name code=0
    for name in kak kak-lsp; do
        printf '#!/bin/sh\nexec "%s" "$@"\n' "$cache/$2/bin/$name" > "$1/bin/$name"
        chmod +x "$1/bin/$name"
    done
    mkdir -p "$1/config/kak/autoload"
    ln -s "$cache/$2/usr/share/kak/rc" "$1/config/kak/autoload/rc"   # Kakoune's own, which it looks for in /usr
    cat > "$1/config/kak/kakrc" <<-END
	set-option global startup_info_version 99999999
	eval %sh{kak-lsp}
	source '$root/editors/kakoune/dockerfile-ls.kak'
	lsp-enable
	END
    clean "$1" env TMUX_PROGRAM="$cache/$2/bin/tmux" python3 "$here/kakoune.py" "$1/bin/kak" < /dev/null || code=$?
    "$cache/$2/bin/tmux" -S "$1/workspace/tmux" kill-server 2> /dev/null || true
    find "$1/log" -size -200c -delete   # as it ends, kak-lsp starts the server once more and says nothing to it
    return "$code"
}

drive_vscode() {
    "$here/vscode/run.sh" package "$server" "$1" > "$1/package" 2>&1 || { tail -20 "$1/package" >&2; return 1; }
    limit=900 clean "$1" env PICTURES="${PICTURES:-}" SERVER="$server" "$here/vscode/run.sh" drive "$1" < /dev/null
}

drive_vim() {
    local code=0
    clean "$1" env CONFIG="$root/editors/vim/dockerfile-ls.vim" ALE="$cache/$2/usr/share/vim-ale" OUTPUT="$1/checks" \
        "$cache/$2/bin/vim" -N -u NONE -i NONE -X -es -V1 -S "$here/vim.vim" < /dev/null >&2 || code=$?
    cat "$1/checks"
    return "$code"
}

# A driver that dies without a word fails too, and so does a conversation that breaks the protocol.
judge() {
    local dir=$1 code=$2 servers=$3
    if [ "$code" -eq 124 ] || { [ "$code" -ne 0 ] && ! grep -q '^FAIL ' "$dir/output"; }; then
        echo "FAIL  the driver ended with code $code"
        tail -20 "$dir/stderr" | sed 's/^/      | /'
    fi
    local logs=("$dir"/log/*.jsonl) name
    [ "$servers" -eq 1 ] && name="one server was started" || name="$servers servers were started"
    [ "${#logs[@]}" -eq "$servers" ] && [ -e "${logs[0]}" ] && echo "ok    $name" || echo "FAIL  $name: $(ls "$dir/log")"
    grep -qF "\"rootUri\": \"file://$dir/workspace\"" "${logs[@]}" && echo "ok    the root is the folder with .git" || echo "FAIL  the root is the folder with .git"
    if [ -e "${logs[0]}" ] && python3 "$here/tap.py" check "${logs[@]}" > "$dir/protocol"; then
        echo "ok    the protocol is kept ($(cat "${logs[@]}" | wc -l) lines)"
    else
        echo "FAIL  the protocol is kept"
        sed 's/^/      | /' "$dir/protocol"
    fi
}

main "$@"
