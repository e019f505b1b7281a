; Where stages are declared, and where one may be named. What a name means (a stage above, its number, an image) is not in
; the tree. An instruction inside ONBUILD counts.

(from_instruction
  as: (image_alias) @stage.declaration)

(from_instruction
  image: (image_spec) @stage.reference.base)

(copy_instruction
  (param
    name: (param_name) @_name
    value: (param_value) @stage.reference.copy)
  (#eq? @_name "from"))

(run_instruction
  (mount_param
    (mount_param_param
      name: (mount_key) @_key
      value: (mount_value) @stage.reference.mount))
  (#match? @_key "^[Ff][Rr][Oo][Mm]$"))
