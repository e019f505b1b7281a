# Attaches dockerfile-ls to Dockerfiles, and to the files that build them, through kakoune-lsp: see README.md.

# Groups that capture nothing: Kakoune (2026.05.21) ends when an expression has many that do.
declare-option -docstring 'Which files dockerfile-ls serves: an expression for the whole path' regex dockerfile_ls_files \
'(?:.*/)?(?:(?:Docker|Container)file(?:\.[^/]*)?(?<!\.dockerignore)|(?:docker-)?compose[^/]*\.ya?ml|docker-bake[^/]*\.(?:hcl|json)|\.github/workflows/[^/]+\.ya?ml|action\.ya?ml|\.?devcontainer\.json|\.vscode/tasks\.json|skaffold[^/]*\.ya?ml|[Tt]askfile[^/]*\.ya?ml|package\.json|(?:GNUm|[Mm])akefile|\.?[Jj]ustfile|Tiltfile)|.*\.(?:dockerfile|containerfile|compose\.ya?ml|gitlab-ci\.ya?ml|mk|just|sh|bash)'

declare-option -docstring 'Settings of dockerfile-ls, as TOML' str dockerfile_ls_settings

# kakoune-lsp serves no file without a filetype.
hook -group dockerfile-ls global BufCreate '(?:.*/)?Containerfile(?:\.[^/]*)?|.*\.(?:docker|container)file' %{
    set-option buffer filetype dockerfile
}
hook -group dockerfile-ls global BufCreate '(?:.*/)?docker-bake[^/]*\.hcl' %{
    set-option buffer filetype hcl
}
hook -group dockerfile-ls global BufCreate '(?:.*/)?Tiltfile' %{
    set-option buffer filetype starlark
}

hook -group dockerfile-ls global BufCreate %opt{dockerfile_ls_files} %{
    # Whoever serves this kind of file goes on to: kakoune-lsp would take a server that is there for a choice against its own.
    lsp-if-no-servers trigger-user-hook "LSPDefaultConfig=%opt{filetype}"
    set-option -add buffer lsp_servers "
[dockerfile-ls]
root_globs = ["".git""]
settings_section = ""dockerfile-ls""
%opt{dockerfile_ls_settings}
"
}

define-command dockerfile-ls-stage-graph -docstring 'Show the stages of this file, as it is saved, and what they need' %{
    evaluate-commands -save-regs f %{
        set-register f %val{buffile}
        edit! -scratch *stage-graph*
        execute-keys '%|dockerfile-ls graph "$kak_reg_f"<ret>gg'
    }
}
