#!/bin/bash
# Fetches the editors that the tests drive, from the Debian mirror this machine already uses, into .cache/editors.
# They are unpacked beside the system with their own libraries: no apt source is added and no package is replaced.
#   install.sh [SUITE...]     bookworm: Neovim 0.7, Emacs 28    trixie: Neovim 0.10, Helix 25.01
#                              sid: the newest of these, Kakoune and Vim    vscode
# Exit code 75 means that the mirror could not be reached.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cache=$root/.cache/editors
unreachable=75

main() {
    mkdir -p "$cache"
    exec 9> "$cache/lock" && flock 9
    command -v python3 > /dev/null || { apt-get -qq update && apt-get -qq -y install python3; }   # for tap.py
    [ $# -gt 0 ] || set -- bookworm trixie sid vscode
    for suite in "$@"; do
        if [ "$suite" = vscode ]; then
            "$(dirname "$0")/vscode/install.sh"
            continue
        fi
        [ "$(cat "$cache/$suite/complete" 2> /dev/null)" = "$(packages "$suite")" ] || unpack "$suite"
        [ ! -e "$cache/$suite/bin/kak" ] || [ -e "$cache/$suite/bin/kak-lsp" ] || kak_lsp "$suite"
        versions "$suite"
    done
}

packages() {
    case $1 in
        bookworm) echo neovim emacs-nox elpa-eglot ;;
        trixie) echo neovim hx tmux ;;
        sid) echo neovim hx tmux emacs-nox kakoune vim vim-ale ;;
        *) echo "install.sh: no editors are known in $1" >&2; exit 2 ;;
    esac
}

# The machine's own mirror, as apt itself reads its sources; a fresh machine must update first.
mirror() {
    listed_mirror || { apt-get -qq update >&2 || true; listed_mirror; }
}

listed_mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | tail -1
}

unpack() {
    local suite=$1 dest=$cache/$1.part apt=$cache/$1.part/apt mirror options
    mirror=$(mirror) || { echo "install.sh: apt reaches no Debian mirror here" >&2; exit "$unreachable"; }
    rm -rf "$dest" "${cache:?}/$suite"
    mkdir -p "$apt"/{lists,cache/archives}/partial "$dest/bin"
    : > "$apt/status"   # nothing counts as installed, so the whole closure is fetched
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$apt/sources.list"
    options=(-qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$apt/lists"
        -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o Debug::NoLocking=1 -o APT::Sandbox::User=root
        -o Acquire::Languages=none -o Acquire::Retries=2 -o APT::Update::Error-Mode=any)
    apt-get "${options[@]}" update || { echo "install.sh: $suite cannot be fetched from the mirror" >&2; exit "$unreachable"; }
    # shellcheck disable=SC2046  # one word per package
    apt-get "${options[@]}" -y --no-install-recommends --download-only install $(packages "$suite") \
        || { echo "install.sh: $suite does not give $(packages "$suite")" >&2; exit 1; }
    for deb in "$apt"/cache/archives/*.deb; do dpkg -x "$deb" "$dest"; done
    rm -rf "$apt" "${dest:?}/bin"   # where Debian had bin and usr/bin, nothing of the first is needed
    mkdir "$dest/bin"
    wrapper "$dest" nvim usr/bin/nvim 'VIMRUNTIME=$here/usr/share/nvim/runtime'
    wrapper "$dest" hx usr/lib/hx/hx 'HELIX_RUNTIME=$here/usr/lib/hx/runtime'
    wrapper "$dest" tmux usr/bin/tmux 'TERMINFO_DIRS=$here/usr/share/terminfo:$here/usr/lib/terminfo:$here/lib/terminfo'
    wrapper "$dest" emacs usr/bin/emacs-nox 'EMACSDATA=$(echo "$here"/usr/share/emacs/*/etc)" "EMACSLOADPATH=$(find "$here"/usr/share/emacs/*/lisp "$here"/usr/share/emacs/site-lisp -type d | tr "\n" :)' \
        '--dump-file="$(echo "$here"/usr/libexec/emacs/*/*/emacs*.pdmp)"'
    wrapper "$dest" kak usr/bin/kak 'KAKOUNE_RUNTIME=$here/usr/share/kak'
    wrapper "$dest" vim usr/bin/vim.basic 'VIMRUNTIME=$(echo "$here"/usr/share/vim/vim9?)'
    packages "$suite" > "$dest/complete"
    mv "$dest" "$cache/$suite"
}

# Kakoune's client is in no package of Debian.
kak_lsp() {
    cargo install --quiet --locked --version 22.0.0 --root "$cache/$1" kak-lsp || echo "install.sh: kak-lsp cannot be built, so Kakoune has no client"
}

# Runs a program with the loader and libraries of its own suite; the processes it starts use the system's.
wrapper() {
    local dest=$1 name=$2 program=$3 environment=$4 options=${5:-} loader
    [ -e "$dest/$program" ] || return 0
    loader=$(cd "$dest" && find . -name 'ld-linux*.so.*' | head -1)
    cat > "$dest/bin/$name" <<-END
	#!/bin/sh
	here=\$(cd "\$(dirname "\$0")/.." && pwd)
	export "$environment"
	libraries=\$(echo "\$here"/usr/lib/*-linux-gnu "\$here"/lib/*-linux-gnu | tr ' ' :)
	exec "\$here/$loader" --library-path "\$libraries" "\$here/$program" $options "\$@"
	END
    chmod +x "$dest/bin/$name"
}

versions() {
    for program in "$cache/$1"/bin/*; do
        case $program in
            */tmux) version=$("$program" -V) ;;
            */kak) version=$("$program" -version) ;;
            *) version=$("$program" --version | head -1) ;;
        esac
        printf '%-9s %s\n' "$1" "$version"
    done
}

main "$@"
