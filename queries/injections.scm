; Other languages inside a Dockerfile. A query can't tell which SHELL is in force for an instruction: text for a shell is taken for
; that of a POSIX one, unless it calls another shell first. Scripts in JSON are in injections-json.scm.

((comment) @injection.content
  (#set! injection.language "comment"))

; ---- shell form ----------------------------------------------------------------------------------------------------------

((shell_command) @injection.content
  (#not-match? @injection.content "^(powershell|pwsh)(\\.exe)?[ \t]")
  (#set! injection.language "bash")
  (#set! injection.include-children))

((shell_command) @injection.content
  (#match? @injection.content "^(powershell|pwsh)(\\.exe)?[ \t]")
  (#set! injection.language "powershell")
  (#set! injection.include-children))

; ---- heredocs with a `#!` line, which wins over all that follows ---------------------------------------------------------

((heredoc_body) @injection.content
  (#match? @injection.content "^#![^\r\n]*[/ ](ba|da|a|z|k)?sh([ \t\r\n]|$)")
  (#set! injection.language "bash"))

((heredoc_body) @injection.content
  (#match? @injection.content "^#![^\r\n]*[/ ]python[0-9.]*([ \t\r\n]|$)")
  (#set! injection.language "python"))

((heredoc_body) @injection.content
  (#match? @injection.content "^#![^\r\n]*[/ ](node|nodejs|bun|deno)([ \t\r\n]|$)")
  (#set! injection.language "javascript"))

((heredoc_body) @injection.content
  (#match? @injection.content "^#![^\r\n]*[/ ]perl([ \t\r\n]|$)")
  (#set! injection.language "perl"))

((heredoc_body) @injection.content
  (#match? @injection.content "^#![^\r\n]*[/ ]ruby([ \t\r\n]|$)")
  (#set! injection.language "ruby"))

((heredoc_body) @injection.content
  (#match? @injection.content "^#![^\r\n]*[/ ]php([ \t\r\n]|$)")
  (#set! injection.language "php"))

((heredoc_body) @injection.content
  (#match? @injection.content "^#![^\r\n]*[/ ]pwsh([ \t\r\n]|$)")
  (#set! injection.language "powershell"))

; ---- heredocs that a command reads: those of the first marker ------------------------------------------------------------

; Nothing but the marker is the command: the body is the script.
(run_instruction
  (shell_command
    .
    (heredoc_marker)
    .)
  .
  (heredoc_block
    (heredoc_body) @injection.content)
  (#not-match? @injection.content "^#!")
  (#set! injection.language "bash"))

(run_instruction
  (shell_command
    (shell_fragment) @_command
    .
    (heredoc_marker))
  .
  (heredoc_block
    (heredoc_body) @injection.content)
  (#match? @_command "(^|[ \t;&|/])(ba|da|a|z|k)?sh([ \t]+-[^ \t]*)*[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "bash"))

(run_instruction
  (shell_command
    (shell_fragment) @_command
    .
    (heredoc_marker))
  .
  (heredoc_block
    (heredoc_body) @injection.content)
  (#match? @_command "(^|[ \t;&|/])python[0-9.]*([ \t]+-[^ \t]*)*[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "python"))

(run_instruction
  (shell_command
    (shell_fragment) @_command
    .
    (heredoc_marker))
  .
  (heredoc_block
    (heredoc_body) @injection.content)
  (#match? @_command "(^|[ \t;&|/])node(js)?([ \t]+-[^ \t]*)*[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "javascript"))

(run_instruction
  (shell_command
    (shell_fragment) @_command
    .
    (heredoc_marker))
  .
  (heredoc_block
    (heredoc_body) @injection.content)
  (#match? @_command "(^|[ \t;&|/])ruby([ \t]+-[^ \t]*)*[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "ruby"))

(run_instruction
  (shell_command
    (shell_fragment) @_command
    .
    (heredoc_marker))
  .
  (heredoc_block
    (heredoc_body) @injection.content)
  (#match? @_command "(^|[ \t;&|/])perl([ \t]+-[^ \t]*)*[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "perl"))

; ---- heredocs that become a file: by its name, which is the last path, or what `cat` or `tee` writes --------------

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(json|webmanifest)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(json|webmanifest)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "json"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(ya?ml)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(ya?ml)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "yaml"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(toml)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(toml)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "toml"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(ini|cfg|service|npmrc)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(ini|cfg|service|npmrc)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "ini"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*nginx[^ \t]*\\.conf[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*nginx[^ \t]*\\.conf[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "nginx"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(py)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(py)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "python"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(sh|bash|bashrc|profile)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(sh|bash|bashrc|profile)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "bash"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(c?m?js)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(c?m?js)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "javascript"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(html?)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(html?)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "html"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(css)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(css)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "css"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(xml|props|csproj)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(xml|props|csproj)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "xml"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(sql)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(sql)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "sql"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(lua)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(lua)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "lua"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(rb)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(rb)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "ruby"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(pl)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(pl)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "perl"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(php)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(php)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "php"))

([
  (copy_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (add_instruction
    (path) @_name
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_writer
      .
      (heredoc_marker)
      .
      (shell_fragment) @_name
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
  (run_instruction
    (shell_command
      (shell_fragment) @_write
      .
      (heredoc_marker)
      .)
    .
    (heredoc_block
      .
      (heredoc_body) @injection.content))
]
  (#match? @_writer "(^|[ \t;&|])(cat|tee)[ \t]*$")
  (#match? @_name "(^|[>/ \t])[^> \t]*\\.(ps1)[\"']?[ \t]*$")
  (#match? @_write "(^|[ \t;&|])(cat|tee)[ \t>][^;&|]*\\.(ps1)[\"']?[ \t]*$")
  (#not-match? @injection.content "^#!")
  (#set! injection.language "powershell"))
