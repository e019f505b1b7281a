-- Drives a real Neovim, 0.7 to 0.12:  nvim --headless -u NONE -i NONE -S tests/editors/neovim.lua
-- CONFIG is our Lua file, WORKSPACE a copy of the fixture: the Dockerfile in app/, a folder with .git above it, where the files
-- are that build it. OTHER is another server. Every check prints one line.

local fixture = vim.env.WORKSPACE .. '/app/Dockerfile'
local second = 1000 -- vim.wait counts in milliseconds
local deadline = 10 * second
local failed = false

local function check(name, ok, seen)
  if not ok then
    failed = true
    deadline = 2 * second -- a broken server should not take minutes to show
  end
  io.stdout:write(ok and 'ok    ' or 'FAIL  ', name, ok and '' or ': ' .. vim.inspect(seen), '\n')
end

-- Waits until `probe` returns something true, and checks that it did; `seen` tells what there was instead.
local function eventually(name, probe, seen)
  local ok = vim.wait(deadline, probe, 20)
  check(name, ok, not ok and seen and seen() or 'not within the deadline')
  return ok
end

local get_clients = vim.lsp.get_clients or vim.lsp.get_active_clients

local function attached(name)
  return vim.tbl_filter(function(client)
    return client.name == (name or 'dockerfile-ls') and client.initialized and vim.lsp.buf_is_attached(0, client.id)
  end, get_clients())
end

local function buffer()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n') .. '\n'
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read('*a')
  file:close()
  return text
end

-- The cursor onto the first character of `word` within the first place that `context` occurs at.
local function cursor_to(context, word)
  vim.fn.cursor(1, 1)
  local line = vim.fn.search('\\V' .. context, 'cW')
  assert(line > 0, 'the fixture has no ' .. context)
  local column = vim.fn.col('.') + context:find(word, 1, true) - 1
  vim.api.nvim_win_set_cursor(0, { line, column - 1 })
end

local function keys(text, mode)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(text, true, false, true), mode or 'tx', false)
end

local function findings(code, bufnr)
  return vim.tbl_filter(function(diagnostic)
    return diagnostic.code == code or vim.tbl_get(diagnostic, 'user_data', 'lsp', 'code') == code -- Neovim 0.7
  end, vim.diagnostic.get(bufnr or 0))
end

local function unknown_stages()
  return findings('unknown-stage-reference')
end

local messages = {}
local function collect(text)
  table.insert(messages, type(text) == 'table' and vim.inspect(text) or text)
end
vim.notify = collect
vim.api.nvim_err_writeln = collect

-- Reads the file anew. Neovim then detaches and attaches the server, since 0.11 a moment later.
local function open(path, served)
  vim.cmd('silent edit! ' .. path)
  if vim.bo.modified then -- it was open
    vim.cmd('silent edit!')
  end
  vim.wait(deadline, function() return #attached() > 0 or served == false end, 20)
end

local tests = {}

function tests.attach()
  open(fixture)
  check('attaches to a Dockerfile', #attached() == 1, vim.api.nvim_exec('messages', true))
  local client = attached()[1] and attached()[1].id
  for _, name in ipairs({ 'Containerfile', 'web.dockerfile', 'Dockerfile.dev' }) do
    open(vim.env.WORKSPACE .. '/app/' .. name)
    check('the same server serves ' .. name, client and #attached() == 1 and attached()[1].id == client, #attached())
  end
  open(vim.env.WORKSPACE .. '/app/Dockerfile.dockerignore', false)
  vim.wait(second / 2)
  check('no server for Dockerfile.dockerignore', #attached() == 0)
  open(fixture)
  vim.wait(second / 2)
  check('a correct file has no unknown stage', #unknown_stages() == 0, unknown_stages())
end

function tests.diagnostics()
  cursor_to('ENTRYPOINT', 'ENTRYPOINT')
  keys('OCOPY --from=bulder /a /b<Esc>')
  local line = vim.fn.line('.')
  local function found()
    return #unknown_stages() > 0
  end
  if eventually('typing an unknown stage shows a warning', found, function() return vim.diagnostic.get(0) end) then
    vim.wait(second / 2)
    local all = unknown_stages()
    local d = all[1]
    check('the warning is there once', #all == 1, all)
    check('the warning is at the name', d.lnum == line - 1 and d.col == 12 and d.end_col == 18, d)
    check('it is a warning', d.severity == vim.diagnostic.severity.WARN, d)
  end
  keys('0fbcwbuilder<Esc>') -- not the same length, so a lost edit would show
  eventually('correcting the name removes it', function() return #unknown_stages() == 0 end, unknown_stages)
  vim.api.nvim_buf_set_text(0, line - 1, 12, line - 1, 19, { 'é😀' })
  vim.api.nvim_buf_set_text(0, line - 1, 0, line, 0, { 'COPY --chown=é😀 --from=tsetr /a /b', '' })
  eventually('an unknown stage after non-ASCII text too', found, function() return vim.diagnostic.get(0) end)
  vim.wait(second / 2)
  local d = unknown_stages()[1] or {}
  check('at its place', d.lnum == line - 1 and d.col == 27 and d.end_col == 32, d)
  vim.cmd('silent undo 0')
  check('undo gives the fixture back', buffer() == read(fixture), buffer())
  eventually('undo removes it', function() return #unknown_stages() == 0 end, unknown_stages)
end

local function jumps(context, word, to)
  cursor_to(to, to:match('%S+$'))
  local want = vim.api.nvim_win_get_cursor(0)
  cursor_to(context, word)
  vim.lsp.buf.definition()
  eventually('definition of ' .. context, function()
    return vim.deep_equal(vim.api.nvim_win_get_cursor(0), want)
  end, function() return { at = vim.api.nvim_win_get_cursor(0), want = want } end)
  vim.cmd('silent! cclose')
end

function tests.definition()
  local builder = 'FROM golang:${GO_VERSION} AS builder'
  jumps('--from=builder', 'builder', builder)
  jumps('FROM builder', 'builder', builder)
  jumps('--from=BUILDER', 'BUILDER', builder)
  jumps('type=bind,from=builder', 'builder', builder)
  jumps('😀 --mount=from=builder', 'builder', builder)
  jumps('golang:${GO_VERSION}', 'GO_VERSION', 'ARG GO_VERSION=1.25')
  jumps('--from=certs', 'certs', 'FROM debian:12-slim AS certs') -- the second of the two
end

function tests.references()
  cursor_to('😀 --from=builder', 'builder')
  vim.fn.setqflist({})
  vim.lsp.buf.references()
  local count = 6
  if eventually('references fill the quickfix list', function() return #vim.fn.getqflist() > 0 end) then
    local list = vim.fn.getqflist()
    check('with every place', #list == count, list)
    local elsewhere = vim.tbl_filter(function(item)
      local line = vim.fn.getbufline(item.bufnr, item.lnum)[1]
      return line:sub(item.col, item.col + 6):lower() ~= 'builder'
    end, list)
    check('at the name', #elsewhere == 0, elsewhere)
  end
  vim.cmd('silent! cclose')
end

function tests.hover()
  cursor_to('--from=builder', 'builder')
  vim.lsp.buf.hover()
  local text
  eventually('hover shows text', function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then
        text = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, true), '\n')
        return text:find('%S')
      end
    end
  end)
  check('about the stage', text and text:find('builder'), text)
  vim.cmd('silent! fclose') -- Neovim 0.10
  open(fixture)
end

function tests.inlay_hints()
  if not vim.lsp.inlay_hint then -- Neovim 0.10
    return
  end
  vim.lsp.inlay_hint.enable(true, { bufnr = 0 })
  local want = { 'golang:${GO_VERSION} = golang:1.25', './ = /src/', '. = /src/', './ = /web/' }
  local function shown()
    return vim.tbl_map(function(found)
      local hint = found.inlay_hint
      local line = vim.api.nvim_buf_get_lines(0, hint.position.line, hint.position.line + 1, true)[1]
      local label = type(hint.label) == 'table' and hint.label[1].value or hint.label
      return line:sub(1, hint.position.character):match('%S+$') .. ' ' .. label
    end, vim.lsp.inlay_hint.get({ bufnr = 0 }))
  end
  eventually('inlay hints are shown', function() return vim.deep_equal(shown(), want) end, shown)
  vim.lsp.inlay_hint.enable(false, { bufnr = 0 })
end

-- The lenses above the stage `builder`, and what they do.
function tests.lenses()
  open(fixture)
  local later = vim.lsp.codelens.enable ~= nil -- Neovim 0.12
  local function shown()
    local all = later and vim.tbl_map(function(found) return found.lens end, vim.lsp.codelens.get({ bufnr = 0 })) or vim.lsp.codelens.get(0)
    local row = vim.fn.search('\\VAS builder', 'nw') - 1
    local here = vim.tbl_filter(function(lens) return lens.range.start.line == row end, all)
    return vim.tbl_map(function(lens) return lens.command.title end, here)
  end
  local want = { '5 uses · built by default', 'Build', 'Copy build command' }
  if later then
    vim.lsp.codelens.enable(true, { bufnr = 0 })
  end
  eventually('code lenses are shown', function()
    if not later then
      vim.lsp.codelens.refresh()
      vim.wait(100)
    end
    return vim.deep_equal(shown(), want)
  end, shown)

  local select, choice = vim.ui.select, nil
  vim.ui.select = function(items, options, on_choice)
    for _, item in ipairs(items) do
      if options.format_item(item):find(choice, 1, true) then
        on_choice(item)
      end
    end
  end
  local function take(title)
    cursor_to('AS builder', 'builder')
    choice = title
    vim.lsp.codelens.run()
  end
  vim.fn.setreg('"', '')
  take('Copy build command')
  eventually('one copies the command line', function() return vim.fn.getreg('"') == 'docker build --target builder app' end,
    function() return vim.fn.getreg('"') end)
  take('5 uses')
  eventually('one lists the uses', function() return #vim.fn.getqflist() == 5 and vim.bo.buftype == 'quickfix' end, vim.fn.getqflist)
  vim.cmd('cclose')
  take('Build')
  local built = vim.env.WORKSPACE .. '/../built' -- by the program in run.sh
  eventually('one builds in a terminal', function()
    return vim.bo.buftype == 'terminal' and vim.fn.filereadable(built) == 1 and read(built) == vim.env.WORKSPACE .. ': build --target builder app\n'
  end, function() return { vim.bo.buftype, vim.fn.filereadable(built) == 1 and read(built) } end)
  vim.cmd('bwipeout!')
  vim.ui.select = select
  if later then
    vim.lsp.codelens.enable(false, { bufnr = 0 })
  end
  open(fixture)
end

function tests.hierarchy()
  if vim.fn.has('nvim-0.9') == 0 then -- those before ask in a way of their own
    return
  end
  local function texts()
    return vim.tbl_map(function(item) return item.text end, vim.fn.getqflist())
  end
  for call, want in pairs({
    incoming_calls = { 'runtime', 'runtime', 'runtime', 'runtime', 'tester' },
    outgoing_calls = { 'golang:1.25' },
  }) do
    vim.fn.setqflist({})
    cursor_to('AS builder', 'builder')
    vim.lsp.buf[call]()
    eventually(call .. ' fill the quickfix list', function()
      local all = texts()
      table.sort(all)
      return vim.deep_equal(all, want)
    end, texts)
    vim.cmd('silent! cclose')
    open(fixture)
  end
end

-- Types `text`, asks for completion, and takes the entry `choice` as a user would, a word or a test of an entry. `before`: the
-- keys that make room for it; `waits`: for a snippet, which ends insert mode by itself if it has places to fill in.
local function complete_here(before, text, choice, waits)
  local words = {}
  local tries, waited = 0, 0
  local timer = vim.loop.new_timer()
  local function step()
    tries = tries + 1
    if vim.fn.pumvisible() == 0 and tries < deadline / 50 then
      return
    end
    local items = vim.fn.complete_info({ 'items' }).items or {}
    words = vim.tbl_map(function(item) return item.word end, items)
    local place = 0
    for i, item in ipairs(items) do
      local is_it = type(choice) == 'function' and choice(item) or item.word == choice
      place = is_it and i or place
    end
    -- Of two servers one may answer later.
    waited = waited + 1
    if place == 0 and waited < 2 * second / 50 then
      return
    end
    timer:stop()
    vim.api.nvim_input((place > 0 and ('<C-n>'):rep(place) .. '<C-y>' or '<C-e>') .. (waits and '' or '<Esc>'))
    if waits then
      vim.defer_fn(function() vim.api.nvim_input(vim.fn.mode() == 'i' and '<Esc>' or '') end, second / 2)
    end
  end
  timer:start(50, 50, vim.schedule_wrap(step))
  vim.o.completeopt = 'menuone,noselect'
  keys(before .. text .. '<C-x><C-o>', 'tx!') -- returns when <Esc> ends insert mode
  return words, vim.api.nvim_get_current_line()
end

local function complete(text, choice)
  open(fixture)
  cursor_to('ENTRYPOINT', 'ENTRYPOINT')
  return complete_here('O', text, choice)
end

function tests.completion()
  local words, line = complete('COPY --from=', 'tester')
  local missing = vim.tbl_filter(function(stage) return not vim.tbl_contains(words, stage) end,
    { 'builder', 'tester', 'assets', 'certs' })
  check('completion offers the stages', #missing == 0, words)
  check('not the stage itself', not vim.tbl_contains(words, 'runtime'), words)
  check('and inserts the one chosen', line == 'COPY --from=tester', line)
  words, line = complete('COPY --chown=é😀 --from=as', 'assets')
  check('completion of a begun name after non-ASCII text', line == 'COPY --chown=é😀 --from=assets', { line, words })
  words, line = complete('FROM alpine:${GO', 'GO_VERSION}')
  check('completion of a variable closes its brace', line == 'FROM alpine:${GO_VERSION}', { line, words })
  words, line = complete('RUN --mount=type=bind,from=b', 'builder')
  check('completion in a mount', line == 'RUN --mount=type=bind,from=builder', { line, words })
  open(fixture)
end

-- One of each kind of word: what is typed, the entry that is taken, and the line that this gives. Entries come when they are
-- asked for, at the boundary that each Neovim finds by itself: before, within or behind punctuation.
local words_of_a_file = {
  { 'CO', 'COPY', 'COPY' },
  { 'COPY --ch', '--chown=', 'COPY --chown=' },
  { 'RUN --mount=ty', 'type=tmpfs', 'RUN --mount=type=tmpfs' },
  { 'RUN --mount=type=ca', 'cache', 'RUN --mount=type=cache' },
  { 'RUN --mount=type=cache,id=a-b,ta', 'target=', 'RUN --mount=type=cache,id=a-b,target=' },
  { 'FROM node:24-', 'node:24-slim', 'FROM node:24-slim' },
  { 'FROM --platform=linux/a', 'linux/amd64', 'FROM --platform=linux/amd64' },
  { 'FROM alpine:$GO', 'GO_VERSION', 'FROM alpine:$GO_VERSION' },
  { 'COPY we', 'web/', 'COPY web/' },
  { 'COPY web/', 'index.js', 'COPY web/index.js' },
  { 'COPY --from=builder /out/', '/out/app', 'COPY --from=builder /out/app' },
  { 'USER no', 'nobody', 'USER nobody' },
}

function tests.words()
  for _, case in ipairs(words_of_a_file) do
    local words, line = complete(case[1], case[2])
    check('completion of ' .. case[1], line == case[3], { line, words })
  end
  if vim.lsp.completion then -- Neovim 0.11 takes lower case, too
    local words, line = complete('co', 'COPY')
    check('a keyword is found by small letters', line == 'COPY', { line, words })
  end
  open(fixture)
end

-- Whole files come as lines, with and without places to fill in.
function tests.recipes()
  local fills = vim.lsp.completion ~= nil -- Neovim 0.11 and later
  open(vim.env.WORKSPACE .. '/app/new.dockerfile')
  if fills then
    vim.lsp.completion.enable(true, attached()[1].id, 0)
  end
  local words = complete_here('i', '', function(item) return item.abbr == 'multi-stage go' end, true)
  check('a recipe is lines', #vim.api.nvim_buf_get_lines(0, 0, -1, true) > 10 and not buffer():find('[%z]'), { buffer(), words })
  check('with its variables', buffer():find('FROM --platform=$BUILDPLATFORM golang:', 1, true), buffer())
  check('and no place to fill in shows', not buffer():find('${', 1, true), buffer())
  if fills then
    open(fixture)
    vim.lsp.completion.enable(true, attached()[1].id, 0)
    cursor_to('ENTRYPOINT', 'ENTRYPOINT')
    local form = function(item) return item.abbr == 'COPY source target' end
    complete_here('O', 'co', form, true)
    vim.wait(deadline, function() return vim.snippet.active() end)
    keys('here<Esc>', 'tx')
    check('what is typed takes the first place of a form', vim.api.nvim_get_current_line() == 'COPY here target', vim.api.nvim_get_current_line())
    vim.snippet.stop()
    vim.lsp.completion.enable(false, attached()[1].id, 0)
  end
  open(fixture)
end

-- The text of the window that floats, once there is one with `text`.
local function floats(name, text)
  local seen
  eventually(name, function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then
        seen = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, true), '\n')
        return seen:find(text, 1, true)
      end
    end
  end, function() return seen end)
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      vim.api.nvim_win_close(window, true)
    end
  end
end

function tests.help()
  for _, case in ipairs({
    { 'COPY go.mod', 'go.mod', 'COPY [flags] <source>' },
    { 'WORKDIR /src', '/src', 'WORKDIR <path>' },
    { '--chmod=0644', '0644', '--chmod=' },
    { 'type=bind,from', 'from', '--mount=type=bind' },
  }) do
    cursor_to(case[1], case[2])
    vim.lsp.buf.signature_help()
    floats('signature help in ' .. case[1], case[3])
  end
  for _, case in ipairs({
    { 'WORKDIR /src', 'WORKDIR', 'docs.docker.com/reference/dockerfile' },
    { '--chmod=0644', '--chmod', 'permissions' },
    { 'type=bind,from', 'type', 'mount' },
  }) do
    cursor_to(case[1], case[2])
    vim.lsp.buf.hover()
    floats('hover on ' .. case[2], case[3])
  end
end

local function format(first, last)
  if vim.lsp.buf.format then -- Neovim 0.8
    vim.lsp.buf.format({ timeout_ms = deadline, range = first and { start = { first, 0 }, ['end'] = { last, 0 } } })
  elseif first then
    vim.lsp.buf.range_formatting(nil, { first, 0 }, { last, 0 })
    vim.wait(second)
  else
    vim.lsp.buf.formatting_sync({}, deadline)
  end
end

function tests.formatting()
  vim.o.expandtab, vim.o.shiftwidth = true, 4 -- what the fixture has
  open(fixture)
  vim.bo.expandtab, vim.bo.shiftwidth = true, 4
  local want = buffer()
  format()
  check('a tidy file stays', buffer() == want, buffer())
  local function untidy()
    open(fixture)
    for from, to in pairs({ ['WORKDIR /src'] = 'WORKDIR    /src  ', ['    --from=BUILDER'] = '  --from=BUILDER', ['USER 65532'] = '  USER   65532' }) do
      cursor_to(from, from)
      vim.api.nvim_set_current_line((vim.api.nvim_get_current_line():gsub('^' .. vim.pesc(from), to)))
    end
  end
  untidy()
  cursor_to('--from=BUILDER', 'BUILDER')
  local row = vim.fn.line('.')
  format()
  check('formatting makes it tidy', buffer() == want, buffer())
  check('the cursor stays on its word', vim.fn.line('.') == row and vim.fn.expand('<cword>') == 'BUILDER', vim.fn.expand('<cword>'))
  untidy()
  local line = vim.fn.search('^WORKDIR    /src', 'nw')
  format(line, line + 1)
  check('only what is selected', vim.fn.getline(line) == 'WORKDIR /src' and vim.fn.search('^  USER   65532', 'nw') > 0, buffer())
  open(fixture)

  -- Neovim 0.12 can do so by itself, but leaves the cursor before the blanks.
  vim.api.nvim_buf_set_lines(0, -2, -1, true, { 'RUN make \\', '' })
  local params = { textDocument = vim.lsp.util.make_text_document_params(), position = { line = vim.fn.line('$') - 1, character = 0 },
    ch = '\n', options = { tabSize = 4, insertSpaces = true } }
  local _, answer = next(vim.lsp.buf_request_sync(0, 'textDocument/onTypeFormatting', params, deadline) or {})
  check('Enter indents what goes on', vim.tbl_get(answer or {}, 'result', 1, 'newText') == '    ', answer)
  open(fixture)
end

-- The types and modifiers of the tokens at the cursor, as highlight groups have them.
local function tokens_here()
  local found = vim.lsp.semantic_tokens.get_at_pos() or {}
  return vim.tbl_map(function(token)
    local modifiers = vim.tbl_keys(token.modifiers)
    table.sort(modifiers)
    return table.concat(vim.list_extend({ token.type }, modifiers), '.')
  end, found)
end

function tests.colours()
  if not vim.lsp.semantic_tokens then -- Neovim 0.9
    return
  end
  local function all(when)
    for _, case in ipairs({
      { 'AS builder', 'builder', 'namespace.declaration' },
      { 'FROM builder', 'builder', 'namespace' },
      { '--from=assets', 'assets', 'namespace' },
      { '😀 --mount=from=builder', 'builder', 'namespace' },
      { 'FROM node:24-slim', 'node', 'class' },
      { 'FROM node:24-slim', '24-slim', 'enumMember' },
      { 'GO_VERSION}', 'GO_VERSION', 'variable' },
      { 'ENTRYPOINT', 'ENTRYPOINT', 'keyword' },
      { '--chmod=0644', 'chmod', 'parameter' },
    }) do
      cursor_to(case[1], case[2])
      eventually(when .. ' ' .. case[1] .. ' is ' .. case[3], function() return vim.tbl_contains(tokens_here(), case[3]) end, tokens_here)
    end
  end
  all('at first')
  cursor_to('COPY go.mod', 'COPY')
  keys('OCOPY --chown=😀 --from=tester a b<Esc>')
  keys('jdd')
  all('after an edit')
  open(fixture)
end

function tests.links()
  local params = { textDocument = vim.lsp.util.make_text_document_params() }
  local function targets()
    local answers = vim.lsp.buf_request_sync(0, 'textDocument/documentLink', params, deadline) or {}
    local _, answer = next(answers)
    return vim.tbl_map(function(link) return link.target end, answer and answer.result or {})
  end
  check('images have links', vim.tbl_contains(targets(), 'https://hub.docker.com/_/node'), targets())
  if vim.fn.has('nvim-0.12') == 1 then
    local opened
    vim.ui.open, opened = function(target) opened = target end, vim.ui.open
    local real, seen = opened, nil
    vim.ui.open = function(target) seen = target end
    cursor_to('FROM node', 'node')
    vim.api.nvim_feedkeys('gx', 'x', false)
    eventually('gx opens the page of an image', function() return seen == 'https://hub.docker.com/_/node' end, function() return seen end)
    vim.ui.open = real
  end
end

function tests.selections()
  if vim.lsp.buf.selection_range then -- Neovim 0.12
    cursor_to('FROM node:24-slim', '24-slim')
    local seen = {}
    for _ = 1, 3 do
      vim.lsp.buf.selection_range(1)
      seen[#seen + 1] = table.concat(vim.fn.getregion(vim.fn.getpos('v'), vim.fn.getpos('.'), { type = vim.fn.mode() }), '\n')
    end
    keys('<Esc>')
    check('selections grow', vim.deep_equal(seen, { '24-slim', ':24-slim', 'node:24-slim' }), seen)
  end
  if vim.lsp.foldexpr then -- Neovim 0.11
    vim.wo.foldmethod, vim.wo.foldexpr = 'expr', 'v:lua.vim.lsp.foldexpr()'
    cursor_to('FROM node', 'node')
    local row = vim.fn.line('.')
    local function fold()
      vim.cmd('silent! normal! zx')
      vim.cmd('silent! normal! zM')
      return { vim.fn.foldclosed(row), vim.fn.foldclosedend(row) }
    end
    eventually('a stage folds', function() return vim.deep_equal(fold(), { row, row + 3 }) end, fold)
    vim.wo.foldmethod, vim.wo.foldexpr = 'manual', '0'
    vim.cmd('normal! zE')
  end
  open(fixture)
end

-- What the user's configuration becomes while the editor runs.
local function set(settings)
  local client = attached()[1]
  settings = { ['dockerfile-ls'] = settings }
  client.config.settings, client.settings = settings, settings
  if vim.fn.has('nvim-0.11') == 1 then
    client:notify('workspace/didChangeConfiguration', { settings = settings })
  else
    client.notify('workspace/didChangeConfiguration', { settings = settings })
  end
end

function tests.settings()
  set({ format = { keywordCase = 'lower' } })
  eventually('a changed setting counts', function()
    format()
    return buffer():find('\nworkdir /src\n', 1, true)
  end, buffer)
  messages = {}
  vim.cmd('messages clear')
  set({ format = { keywordCase = 'shouted' } })
  local function told()
    return table.concat(messages, ' | ') .. vim.api.nvim_exec('messages', true)
  end
  eventually('a wrong one is named', function() return told():find('keywordCase', 1, true) and told():find('shouted', 1, true) end, told)
  io.stdout:write('      ', (told():gsub('%s+', ' ')), '\n')
  set({})
  open(fixture)
end

function tests.rename()
  for _, from in ipairs({ '😀 --from=builder', '--mount=from=builder', 'AS builder' }) do
    open(fixture)
    cursor_to(from, 'builder')
    vim.lsp.buf.rename('compiler')
    local want = read(fixture .. '.renamed')
    eventually('rename from ' .. from .. ' changes every place', function() return buffer() == want end, buffer)
  end
  open(fixture)
  local refusals = { { 'AS builder', 'builder', 'not/valid' }, { 'USER 65532', '65532', 'other' } }
  for _, refusal in ipairs(refusals) do
    messages = {}
    vim.cmd('messages clear')
    cursor_to(refusal[1], refusal[2])
    vim.lsp.buf.rename(refusal[3])
    local text
    eventually('rename of ' .. refusal[2] .. ' to ' .. refusal[3] .. ' says no', function()
      text = (table.concat(messages, ' | ') .. vim.api.nvim_exec('messages', true)):gsub('%s+', ' ')
      return #text > 0
    end)
    io.stdout:write('      ', text, '\n')
    vim.wait(second / 4)
    check('and changes nothing', buffer() == read(fixture), buffer())
  end
end

-- The files that build it, and what stands around the name of a stage in them; `empty` is a place where a name is to come.
local builds = {
  { file = 'compose.yaml', before = '      target: ', after = '', empty = '      target: ', choice = 'tester' },
  { file = 'docker-bake.hcl', before = '  target  = "', after = '"', empty = '  target  = ', choice = '"tester"' },
  { file = '.github/workflows/ci.yml', before = '          target: ', after = '', empty = '          target: ', choice = 'tester' },
}

-- Opens such a file anew, with the cursor on the name.
local function open_build(build)
  open(vim.env.WORKSPACE .. '/' .. build.file)
  cursor_to(build.before .. 'tester' .. build.after, 'tester')
end

local function lines_of(file)
  return table.concat(vim.fn.getbufline(vim.fn.bufnr(vim.env.WORKSPACE .. '/' .. file), 1, '$'), '\n') .. '\n'
end

function tests.builds()
  open(fixture)
  local client = attached()[1].id
  for _, build in ipairs(builds) do
    open_build(build)
    check('the same server serves ' .. build.file, #attached() == 1 and attached()[1].id == client, #attached())
    vim.wait(second / 2)
    check('and finds nothing wrong', #findings('target-not-found') == 0, vim.diagnostic.get(0))

    vim.lsp.buf.definition()
    eventually('definition of a target', function()
      return vim.api.nvim_buf_get_name(0) == fixture and vim.api.nvim_get_current_line() == 'FROM builder AS tester'
    end, function() return { vim.api.nvim_buf_get_name(0), vim.api.nvim_get_current_line() } end)
    vim.cmd('silent! cclose')

    open_build(build)
    keys('cwtestre<Esc>')
    local function found()
      return findings('target-not-found')
    end
    if eventually('a misspelt target shows', function() return #found() > 0 end, function() return vim.diagnostic.get(0) end) then
      vim.wait(second / 2)
      local d, column = found()[1], #build.before
      check('it is there once', #found() == 1, found())
      check('it is at the name', d.lnum == vim.fn.line('.') - 1 and d.col == column and d.end_col == column + 6, d)
      check('it is an error', d.severity == vim.diagnostic.severity.ERROR, d)
    end
    keys('bcwassets<Esc>') -- not the same length, so a lost edit would show
    check('the correction is made', vim.api.nvim_get_current_line() == build.before .. 'assets' .. build.after, vim.api.nvim_get_current_line())
    eventually('correcting it removes it', function() return #found() == 0 end, found)

    open_build(build)
    local words, line = complete_here('0C', build.empty, build.choice)
    local quoted = vim.tbl_map(function(stage) return build.choice:gsub('tester', stage) .. '' end, { 'builder', 'assets', 'certs', 'runtime' })
    local missing = vim.tbl_filter(function(word) return not vim.tbl_contains(words, word) end, quoted)
    check('completion of an empty target offers the stages', #missing == 0, words)
    check('and inserts the one chosen', line == build.before .. 'tester' .. build.after, { line, words })
    words, line = complete_here('0C', build.before .. 'te' .. build.after .. ('<Left>'):rep(#build.after), 'tester')
    check('completion of a begun target', line == build.before .. 'tester' .. build.after, { line, words })
    open_build(build)
  end
end

-- What is said of a Dockerfile depends on who builds it, and a name is changed in all files at once.
function tests.across()
  local bake, compose = builds[2], builds[1]
  open(fixture)
  local dockerfile = vim.api.nvim_get_current_buf()
  local function message()
    local finding = findings('test-stage-skipped', dockerfile)[1]
    return finding and finding.message or 'nothing'
  end
  eventually('a Dockerfile knows the Bake file', function() return message():find('bake target `tests`', 1, true) end, message)
  vim.cmd('split')
  open_build(bake)
  keys('cwassets<Esc>')
  eventually('its diagnostics change with that', function()
    return message():find('compose', 1, true) and not message():find('bake', 1, true)
  end, message)
  keys('bcwtester<Esc>')
  eventually('and back', function() return message():find('bake target `tests`', 1, true) end, message)
  vim.cmd('only')

  local froms = {
    ['the Dockerfile'] = function()
      open(fixture)
      cursor_to('AS tester', 'tester')
    end,
    [compose.file] = function() open_build(compose) end,
    [bake.file] = function() open_build(bake) end,
  }
  for name, go in pairs(froms) do
    for _, build in ipairs(builds) do
      open_build(build)
    end
    open(fixture)
    go()
    vim.lsp.buf.rename('checker')
    for _, build in ipairs(builds) do
      local want = read(vim.env.FIXTURE .. '/' .. build.file):gsub('(target:? +=? *"?)tester', '%1checker')
      eventually('rename from ' .. name .. ' changes ' .. build.file, function() return lines_of(build.file) == want end,
        function() return lines_of(build.file) end)
    end
    local want = read(fixture):gsub('AS tester', 'AS checker')
    eventually('and the Dockerfile', function() return lines_of('app/Dockerfile') == want end, function() return lines_of('app/Dockerfile') end)
  end
  for _, build in ipairs(builds) do
    open_build(build)
  end
  open(fixture)
end

-- Only files that may build something get the server, and whoever serves them already goes on to.
function tests.others()
  for _, file in ipairs({ 'values.yaml', 'app/settings.json', 'notes.txt' }) do
    open(vim.env.WORKSPACE .. '/' .. file, false)
    vim.wait(second / 4)
    check('no server for ' .. file, #attached() == 0)
  end
  for _, file in ipairs({ 'docker-compose.prod.yml', 'docker-bake.override.json', '.gitlab-ci.yml', '.devcontainer/devcontainer.json',
    '.vscode/tasks.json', 'skaffold.yaml', 'Taskfile.yml', 'package.json', 'Makefile', 'justfile', 'Tiltfile', 'build.sh' }) do
    open(vim.env.WORKSPACE .. '/' .. file)
    check('a server for ' .. file, #attached() == 1)
  end

  open_build(builds[1])
  eventually('another server stays', function() return #attached('other') == 1 and #attached() == 1 end)
  local function answers(method)
    local params = vim.lsp.util.make_position_params(0, 'utf-16')
    params.options = { tabSize = 2, insertSpaces = true }
    local text = vim.inspect(vim.lsp.buf_request_sync(0, method, params, deadline))
    return { text:find('other', 1, true) ~= nil, text:find('tester', 1, true) ~= nil, text:find('# formatted', 1, true) ~= nil }, text
  end
  local seen, text = answers('textDocument/hover')
  check('both answer to hover', seen[1] and seen[2], text)
  seen, text = answers('textDocument/completion')
  check('both complete', seen[1] and seen[2], text)
  keys('cwtestre<Esc>')
  eventually('both have diagnostics', function() return #findings('other-finding') == 1 and #findings('target-not-found') == 1 end,
    function() return vim.diagnostic.get(0) end)
  open_build(builds[1])
  if vim.lsp.buf.format then -- Neovim 0.8
    vim.lsp.buf.format({ timeout_ms = deadline })
  else
    vim.lsp.buf.formatting_sync({}, deadline)
  end
  check('the other one formats', buffer() == '# formatted\n' .. read(vim.env.FIXTURE .. '/compose.yaml'), buffer())
  open_build(builds[1])
end

function tests.graph()
  if not attached()[1] then
    return
  end
  local function shown()
    return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n')
  end
  vim.cmd('DockerfileStageGraph!')
  eventually('the stage graph is shown as text', function()
    return vim.bo.buftype == 'nofile' and shown():find('builder', 1, true) and shown():find('runtime', 1, true)
  end, shown)
  vim.cmd('bwipeout!')
  if vim.ui.open then -- Neovim 0.10
    local opened
    local open_as = vim.ui.open
    vim.ui.open = function(file)
      opened = file
      return {}
    end
    vim.cmd('DockerfileStageGraph')
    eventually('and opened as a picture', function() return opened and read(opened):find('^<svg') end, function() return opened end)
    vim.ui.open = open_as
  end
  open(fixture)
end

-- Colours, folds and injections by the grammar and queries of the repository.
function tests.grammar()
  if not vim.g.dockerfile_ls_parser or vim.fn.has('nvim-0.10') == 0 then
    return
  end
  vim.cmd('edit! ' .. vim.env.WORKSPACE .. '/app/colours.dockerfile')
  vim.api.nvim_buf_set_lines(0, 0, -1, true, {
    'FROM docker.io/golang:1.25 AS builder',
    'COPY --chown=a --from=builder /a /b',
    'EXPOSE 8080',
    'COPY <<EOF /x.lua',
    'local x = 1',
    'EOF',
  })
  local ok, parser = pcall(vim.treesitter.get_parser, 0)
  if not ok then
    return check('the grammar is loaded', false, parser)
  end
  parser:parse(true)
  for text, want in pairs({
    FROM = 'keyword', ['docker.io'] = 'string.special.url', golang = 'type', [':1.25'] = 'constant', chown = 'variable.parameter',
    builder = 'label', ['8080'] = 'constant.numeric', ['/a'] = 'string.special.path',
  }) do
    vim.fn.cursor(1, 1)
    vim.fn.search('\\V' .. text, 'cW')
    local names = vim.tbl_map(function(found) return found.capture end,
      vim.treesitter.get_captures_at_pos(0, vim.fn.line('.') - 1, vim.fn.col('.') - 1))
    check('colour of ' .. text, vim.tbl_contains(names, want), names)
  end
  check('a heredoc is of its own language', parser:children().lua ~= nil,
    vim.tbl_keys(parser:children()))
  vim.wo.foldmethod, vim.wo.foldexpr = 'expr', 'v:lua.vim.treesitter.foldexpr()'
  vim.cmd('normal! zx')
  check('a heredoc folds', vim.fn.foldlevel(5) > 0 and vim.fn.foldlevel(1) == 0, { vim.fn.foldlevel(5), vim.fn.foldlevel(1) })
  vim.wo.foldmethod, vim.wo.foldexpr = 'manual', '0'
  open(fixture)
end

-- Nothing of the user's Vim is loaded; what follows is the default of a normal start.
vim.cmd('filetype plugin on')
vim.o.hidden = true
vim.o.showmode = false
vim.o.swapfile = false
local other
vim.api.nvim_create_autocmd('FileType', {
  pattern = 'yaml',
  callback = function(event)
    local start = { name = 'other', cmd = { vim.env.OTHER }, root_dir = vim.env.WORKSPACE }
    if vim.lsp.start then -- Neovim 0.8
      vim.lsp.start(start, { bufnr = event.buf })
    else
      other = other or vim.lsp.start_client(start)
      vim.lsp.buf_attach_client(event.buf, other)
    end
  end,
})
vim.g.dockerfile_ls_parser = vim.env.PARSER
vim.opt.rtp:append(vim.env.VIMRUNTIME .. '/../../../lib/nvim') -- beside the system it does not find its own parsers
vim.cmd('luafile ' .. vim.env.CONFIG)

local order = { 'attach', 'diagnostics', 'definition', 'references', 'hover', 'inlay_hints', 'lenses', 'hierarchy', 'completion', 'words', 'recipes', 'help', 'formatting', 'colours', 'links', 'selections', 'graph', 'grammar', 'settings', 'rename', 'builds', 'across', 'others' }
for _, name in ipairs(order) do
  local ok, err = xpcall(tests[name], debug.traceback)
  if not ok then
    check(name, false, err)
  end
  if #attached() == 0 then
    break -- then nothing else can work
  end
end
vim.cmd(failed and 'cquit' or 'qall!')
