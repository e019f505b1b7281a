; Definitions and references in the manner of tree-sitter's tags: stages are modules, ARG and ENV are constants.

(from_instruction
  as: (image_alias) @name) @definition.module

(arg_instruction
  (arg_pair
    name: (unquoted_string) @name) @definition.constant)

(env_instruction
  (env_pair
    name: (unquoted_string) @name) @definition.constant)

(from_instruction
  image: (image_spec) @name) @reference.module

(copy_instruction
  (param
    name: (param_name) @_name
    value: (param_value) @name) @reference.module
  (#eq? @_name "from"))

(run_instruction
  (mount_param
    (mount_param_param
      name: (mount_key) @_key
      value: (mount_value) @name) @reference.module)
  (#match? @_key "^[Ff][Rr][Oo][Mm]$"))

(expansion
  (variable) @name) @reference.constant
