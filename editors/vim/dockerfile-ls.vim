" Attaches dockerfile-ls to Dockerfiles, and to the files that build them, through ALE or vim-lsp: see README.md.

let s:command = get(g:, 'dockerfile_ls_command', 'dockerfile-ls')
let s:settings = {'dockerfile-ls': get(g:, 'dockerfile_ls_settings', {})}
let s:filetypes = ['dockerfile', 'yaml', 'json', 'jsonc', 'hcl', 'terraform', 'make', 'just', 'sh', 'bash', 'bzl', 'tiltfile', 'conf', 'text']

" What may name a stage; one with a slash is for the end of the path.
let s:files = get(g:, 'dockerfile_ls_files', '\v(^|/)((docker-)?compose[^/]*\.ya?ml|docker-bake[^/]*\.(hcl|json)|\.github/workflows/[^/]+\.ya?ml'
    \ . '|action\.ya?ml|\.?devcontainer\.json|\.vscode/tasks\.json|skaffold[^/]*\.ya?ml|[Tt]askfile[^/]*\.ya?ml|package\.json'
    \ . '|(GNUm|[Mm])akefile|\.?[Jj]ustfile|Tiltfile)$|\.(compose\.ya?ml|gitlab-ci\.ya?ml|mk|just|sh|bash)$')

augroup dockerfile_ls
  autocmd!
  autocmd BufNewFile,BufRead *.dockerfile,*.containerfile setfiletype dockerfile
  autocmd BufNewFile,BufRead docker-bake*.hcl setfiletype hcl
  autocmd BufNewFile,BufRead Tiltfile setfiletype tiltfile
  autocmd BufNewFile,BufRead justfile,Justfile,.justfile,*.just setfiletype just
augroup END

" The folder that the server is to know; empty for no server. A script or Makefile outside of a repository may lie in a home folder,
" which nobody wants to be searched.
function! s:root(buffer) abort
  let l:file = fnamemodify(bufname(a:buffer), ':p')
  let l:dockerfile = getbufvar(a:buffer, '&filetype') ==# 'dockerfile' && l:file !~# '\.dockerignore$'
  if empty(bufname(a:buffer)) || !l:dockerfile && l:file !~# s:files
    return ''
  endif
  let l:folder = fnamemodify(l:file, ':h')
  let l:git = finddir('.git', l:folder . ';')
  let l:git = empty(l:git) ? findfile('.git', l:folder . ';') : l:git
  if !empty(l:git)
    return fnamemodify(substitute(fnamemodify(l:git, ':p'), '/$', '', ''), ':h')
  endif
  return l:dockerfile || fnamemodify(l:file, ':t') =~# 'compose\|bake' ? l:folder : ''
endfunction

" The server goes by the names of files.
function! s:language(...) abort
  return 'docker'
endfunction

if !empty(globpath(&runtimepath, 'autoload/ale/linter.vim'))
  for s:filetype in s:filetypes
    call ale#linter#Define(s:filetype, {
        \ 'name': 'dockerfile_ls', 'lsp': 'stdio', 'executable': s:command, 'command': '%e', 'project_root': function('s:root'),
        \ 'language': function('s:language'), 'lsp_config': s:settings, 'initialization_options': s:settings})
  endfor
  autocmd dockerfile_ls FileType * call s:add()
endif

" ALE has lists for some filetypes, and so do users: ours stands behind what they have.
function! s:add() abort
  let l:names = map(copy(ale#linter#Get(&filetype)), {_, linter -> linter.name})
  if index(l:names, 'dockerfile_ls') < 0 && index(s:filetypes, &filetype) >= 0 && !empty(s:root(bufnr('%')))
    let b:ale_linters = l:names + ['dockerfile_ls']
  endif
endfunction

function! s:register() abort
  call lsp#register_server({
      \ 'name': 'dockerfile-ls', 'cmd': {info -> empty(s:root(bufnr('%'))) ? [] : [s:command]}, 'allowlist': s:filetypes,
      \ 'root_uri': {info -> lsp#utils#path_to_uri(s:root(bufnr('%')))}, 'languageId': {info -> 'docker'}, 'workspace_config': s:settings})
endfunction
autocmd dockerfile_ls User lsp_setup call s:register()
