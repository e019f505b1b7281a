" Drives a real Vim with ALE:  vim -N -u NONE -es -S vim.vim
" CONFIG is our dockerfile-ls.vim, ALE the plugin, WORKSPACE a copy of FIXTURE: the Dockerfile in app/, a folder with .git above it, where
" the files are that build it. Every check adds a line to OUTPUT.
set nocompatible nomore hidden noswapfile encoding=utf-8 completeopt=menuone,noselect
let g:ale_disable_lsp = 0
let g:ale_lint_delay = 50
let g:ale_completion_enabled = 0
let g:ale_fix_on_save = 0
let g:ale_linters_explicit = 0
let g:ale_hover_to_preview = 1
exe 'set runtimepath^=' . $ALE
filetype plugin on
runtime plugin/ale.vim
exe 'source ' . $CONFIG

let s:deadline = 10
let s:failed = 0
let s:dockerfile = $WORKSPACE . '/app/Dockerfile'

func s:Check(name, ok, seen = '')
  if !a:ok
    let s:failed = 1
    let s:deadline = 2
  endif
  call writefile([(a:ok ? 'ok    ' : 'FAIL  ') . a:name . (a:ok ? '' : ': ' . string(a:seen))], $OUTPUT, 'a')
endfunc

func s:Wait(probe)
  let l:end = reltimefloat(reltime()) + s:deadline
  while reltimefloat(reltime()) < l:end
    if a:probe()
      return 1
    endif
    sleep 50m
  endwhile
  return 0
endfunc

func s:Open(name)
  let l:path = a:name[0] ==# '/' ? a:name : $WORKSPACE . '/' . a:name
  let l:original = $FIXTURE . strpart(l:path, len($WORKSPACE))
  if filereadable(l:original)
    call writefile(readfile(l:original), l:path)
  endif
  exe 'silent edit! ' . l:path
  silent edit! " it may have been open
  ALELint
endfunc

func s:Found(code)
  return filter(copy(getbufvar('%', 'ale_test', ale#engine#GetLoclist(bufnr('%')))), {_, one -> get(one, 'code', '') ==# a:code})
endfunc
func s:Unknown()
  return s:Found('unknown-stage-reference')
endfunc

func s:Go(context, word)
  call cursor(1, 1)
  call search('\V' . a:context, 'cW')
  call search('\V' . a:word, 'cW')
endfunc

func s:Line(context)
  return search('\V' . a:context, 'nw')
endfunc

func s:Diagnostics()
  call s:Open(s:dockerfile)
  call s:Check('a correct file has findings', s:Wait({-> len(ale#engine#GetLoclist(bufnr('%'))) > 0}))
  call s:Check('and no unknown stage', empty(s:Unknown()), s:Unknown())
  let l:line = line('$')
  call append(l:line - 1, 'COPY --from=bulder /a /b')
  ALELint
  call s:Check('typing an unknown stage shows a warning', s:Wait({-> len(s:Unknown()) == 1}), ale#engine#GetLoclist(bufnr('%')))
  let l:one = get(s:Unknown(), 0, {})
  call s:Check('at the name', get(l:one, 'lnum') == l:line && get(l:one, 'col') == 13 && get(l:one, 'end_col') == 18 && get(l:one, 'type') ==# 'W', l:one)
  call setline(l:line, 'COPY --from=builder /a /b')
  ALELint
  call s:Check('correcting the name removes it', s:Wait({-> empty(s:Unknown())}), s:Unknown())
  call setline(l:line, 'COPY --chown=é😀 --from=tsetr /a /b')
  ALELint
  call s:Check('an unknown stage after non-ASCII text too', s:Wait({-> len(s:Unknown()) == 1}), ale#engine#GetLoclist(bufnr('%')))
endfunc

func s:Definition()
  for [l:context, l:to] in [['--from=builder', 'FROM golang'], ['--from=BUILDER', 'FROM golang'], ['😀 --mount=from=builder', 'FROM golang'], ['--from=certs', 'FROM debian:12-slim AS certs']]
    call s:Open(s:dockerfile)
    let l:want = s:Line(l:to)
    call s:Go(l:context, matchstr(l:context, '\a\+$'))
    ALEGoToDefinition
    call s:Check('definition of ' . l:context, s:Wait({-> line('.') == l:want}), getcurpos())
  endfor
endfunc

func s:Hover()
  call s:Go('--from=builder', 'builder')
  ALEHover
  call s:Check('hover tells of the stage', s:Wait({-> s:Preview() =~# 'builder'}), s:Preview())
  pclose
endfunc

func s:Preview()
  let l:window = filter(range(1, winnr('$')), {_, w -> getwinvar(w, '&previewwindow')})
  return empty(l:window) ? '' : join(getbufline(winbufnr(l:window[0]), 1, '$'), "\n")
endfunc

func s:References()
  call s:Go('😀 --from=builder', 'builder')
  ALEFindReferences -quickfix
  call s:Check('references have every place', s:Wait({-> len(getqflist()) == 5}), getqflist())
  cclose
endfunc

func s:Builds()
  for [l:name, l:before] in [['compose.yaml', '      target: '], ['docker-bake.hcl', '  target  = "'], ['.github/workflows/ci.yml', '          target: ']]
    call s:Open(l:name)
    let l:line = s:Line(l:before . 'tester')
    let l:after = l:name =~# 'bake' ? '"' : ''
    call s:Go(l:before . 'tester', 'tester')
    ALEGoToDefinition
    call s:Check('definition of a target of ' . l:name, s:Wait({-> expand('%:p') ==# s:dockerfile && getline('.') ==# 'FROM builder AS tester'}), [expand('%:p'), getline('.')])
    call s:Open(l:name)
    call setline(l:line, l:before . 'testre' . l:after)
    ALELint
    call s:Check('a misspelt target shows', s:Wait({-> len(s:Found('target-not-found')) == 1}), ale#engine#GetLoclist(bufnr('%')))
    call setline(l:line, l:before . 'assets' . l:after)
    ALELint
    call s:Check('correcting it removes it', s:Wait({-> empty(s:Found('target-not-found'))}), s:Found('target-not-found'))
  endfor
endfunc

func s:Rename()
  for l:name in ['compose.yaml', 'docker-bake.hcl', '.github/workflows/ci.yml', 'app/Dockerfile']
    call s:Open(l:name)
  endfor
  call s:Go('AS tester', 'tester')
  let g:ale_rename_tsserver_find_in_comments = 0
  call feedkeys(":ALERename\<CR>\<C-u>checker\<CR>", 'tx')
  for l:name in ['compose.yaml', 'docker-bake.hcl', '.github/workflows/ci.yml', 'app/Dockerfile']
    let l:path = $WORKSPACE . '/' . l:name
    let l:want = map(readfile($FIXTURE . '/' . l:name), {_, one -> substitute(one, '\v(target:? +\=? *"?|AS )\zstester', 'checker', '')})
    call s:Check('a rename changes ' . l:name, s:Wait({-> getbufline(bufnr(l:path), 1, '$') == l:want}), getbufline(bufnr(l:path), 1, '$'))
  endfor
endfunc

func s:Served()
  return index(map(copy(ale#linter#Get(&filetype)), {_, one -> one.name}), 'dockerfile_ls') >= 0
endfunc

func s:Others()
  for [l:name, l:served] in [['values.yaml', 0], ['app/settings.json', 0], ['docker-compose.prod.yml', 1], ['.gitlab-ci.yml', 1], ['package.json', 1]]
    call s:Open(l:name)
    call s:Check((l:served ? 'a' : 'no') . ' server for ' . l:name, s:Served() == l:served, ale#linter#Get(&filetype))
  endfor
  call s:Open('compose.yaml')
  call s:Check('another server of the same file stays', s:Wait({-> len(s:Found('other-finding')) == 1}), ale#engine#GetLoclist(bufnr('%')))
endfunc

func s:Run()
  for l:test in ['Diagnostics', 'Definition', 'Hover', 'References', 'Builds', 'Rename', 'Others']
    try
      call call('s:' . l:test, [])
    catch
      call s:Check(l:test, 0, [v:exception, v:throwpoint])
    endtry
  endfor
  exe s:failed ? 'cquit!' : 'qall!'
endfunc
call s:Run()
