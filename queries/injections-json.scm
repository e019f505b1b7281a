; The script of `["sh", "-c", "…"]`, without its quotes. In a file of its own, since Helix from 25.07 on refuses a whole file that
; has `#offset!`.

(json_string_array
  .
  (json_string) @_shell
  .
  (json_string) @_flag
  .
  (json_string) @injection.content
  (#match? @_shell "^.([^\" ]*/)?(ba|da|a|z|k)?sh.$")
  (#match? @_flag "^.-[a-z]*c.$")
  (#offset! @injection.content 0 1 0 -1)
  (#set! injection.language "bash")
  (#set! injection.include-children))

(json_string_array
  .
  (json_string) @_shell
  .
  (json_string) @_flag
  .
  (json_string) @injection.content
  (#match? @_shell "^.(powershell|pwsh)(\\.exe)?.$")
  (#match? @_flag "^.-[Cc](ommand)?.$")
  (#offset! @injection.content 0 1 0 -1)
  (#set! injection.language "powershell")
  (#set! injection.include-children))
