; Other languages inside a Dockerfile.

((comment) @injection.content
  (#set! injection.language "comment"))

((shell_command) @injection.content
  (#set! injection.language "bash")
  (#set! injection.include-children))

; The body is the script only where nothing but the marker is the command, and no `#!` line names another interpreter.
(run_instruction
  (shell_command
    .
    (heredoc_marker)
    .)
  (heredoc_block
    (heredoc_body) @injection.content)
  (#not-match? @injection.content "^#!")
  (#set! injection.language "bash"))
