; Colours. Each node is captured once, so that it does not matter whether an editor prefers the first or the last pattern;
; what is inside a node goes before the node. Names are those that Neovim and Helix both have, or that one has and the other takes
; for what stands before the last dot.

[
  "FROM"
  "AS"
  "RUN"
  "CMD"
  "LABEL"
  "EXPOSE"
  "ENV"
  "ADD"
  "COPY"
  "ENTRYPOINT"
  "VOLUME"
  "USER"
  "WORKDIR"
  "ARG"
  "ONBUILD"
  "STOPSIGNAL"
  "HEALTHCHECK"
  "NONE"
  "SHELL"
  "MAINTAINER"
] @keyword

(comment) @comment

(parser_directive
  "#" @keyword.directive
  name: (directive_name) @keyword.directive)

(directive_value) @string

; Images and stages. Whether a base is a stage is for the server's semantic layer to say.
(image_registry) @string.special.url

(image_name) @type

[
  (image_tag)
  (image_digest)
] @constant

(image_alias) @label

; Flags: the value of `--from` names a stage more often than an image.
[
  (param_name)
  (mount_key)
] @variable.parameter

(param
  name: (param_name) @_name
  value: (param_value) @label
  (#eq? @_name "from"))

(param
  name: (param_name) @_name
  value: (param_value) @string
  (#not-eq? @_name "from"))

(mount_param_param
  name: (mount_key) @_key
  value: (mount_value) @label
  (#match? @_key "^[Ff][Rr][Oo][Mm]$"))

(mount_param_param
  name: (mount_key) @_key
  value: (mount_value) @string
  (#not-match? @_key "^[Ff][Rr][Oo][Mm]$"))

; Names and values.
(arg_pair
  name: (unquoted_string) @variable)

(env_pair
  name: (unquoted_string) @variable)

(label_pair
  name: (unquoted_string) @attribute)

(_
  value: (unquoted_string) @string)

[
  (json_string)
  (heredoc_body)
  (maintainer)
] @string

(escape_sequence) @constant.character.escape

(path) @string.special.path

(expose_port) @constant.numeric

[
  (user)
  (signal)
] @constant

[
  (heredoc_marker)
  (heredoc_end)
] @label

; Variables.
(variable) @variable

(expansion_operator) @operator

(expansion
  [
    "$"
    "${"
    "}"
  ] @punctuation.special)

; Marks.
[
  "="
  "--"
] @operator

(line_continuation) @punctuation.special

"," @punctuation.delimiter

[
  "["
  "]"
] @punctuation.bracket
