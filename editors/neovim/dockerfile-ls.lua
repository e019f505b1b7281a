-- Attaches dockerfile-ls to Dockerfiles, and to the files that build them, in Neovim 0.7 and later:
--     dofile('/path/to/editors/neovim/dockerfile-ls.lua')     in init.lua, or :luafile it
-- Set before that, where the defaults don't fit:
--     vim.g.dockerfile_ls_cmd = { 'words', … }             if the server is not `dockerfile-ls` in PATH
--     vim.g.dockerfile_ls_settings = { rules = { … } }     settings
--     vim.g.dockerfile_ls_files = { 'compose*.yaml', … }   which files it serves beside Dockerfiles; {} for none
--     vim.g.dockerfile_ls_parser = '/path/dockerfile.so'   our grammar, for highlighting and folds; see README.md

local config = { name = 'dockerfile-ls', cmd = vim.g.dockerfile_ls_cmd or { 'dockerfile-ls' } }
if vim.g.dockerfile_ls_settings then
  config.settings = { ['dockerfile-ls'] = vim.g.dockerfile_ls_settings }
end

-- What the lenses above stages do. A command line comes with the folder to run it in.
local function run(line, folder)
  vim.cmd('botright new')
  if vim.fn.has('nvim-0.11') == 1 then
    vim.fn.jobstart(line, { cwd = folder, term = true })
  else
    vim.fn.termopen(line, { cwd = folder })
  end
end

config.commands = {
  ['dockerfile-ls.runBuild'] = function(command)
    local build = command.arguments[1]
    run(build.command, build.cwd)
  end,
  ['dockerfile-ls.copyBuildCommand'] = function(command)
    local line = command.arguments[1].command
    vim.fn.setreg('"', line)
    pcall(vim.fn.setreg, '+', line) -- not every machine has a clipboard
    vim.notify('Copied: ' .. line)
  end,
  ['dockerfile-ls.showReferences'] = function(command, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    local items = vim.lsp.util.locations_to_items(command.arguments[3], client.offset_encoding)
    vim.fn.setqflist({}, ' ', { title = command.title, items = items })
    vim.cmd('botright copen')
  end,
  [''] = function() end, -- a lens that only tells something
}
config.before_init = function(params)
  local names = vim.tbl_filter(function(name) return name ~= '' end, vim.tbl_keys(config.commands))
  params.capabilities.experimental =
    vim.tbl_extend('force', params.capabilities.experimental or {}, { commands = { commands = names } })
end

-- What may name a stage. Patterns as those of :autocmd: one with a slash is for the whole path. They are matched when a buffer
-- gets its filetype, and no other YAML or JSON file sees the server; clients that are attached already stay so.
local files = vim.g.dockerfile_ls_files
  or {
    '{docker-,}compose*.{yaml,yml}',
    '*.compose.{yaml,yml}',
    'docker-bake*.{hcl,json}',
    '*/.github/workflows/*.{yaml,yml}',
    'action.{yaml,yml}',
    '*.gitlab-ci.{yaml,yml}',
    '{.,}devcontainer.json',
    '*/.vscode/tasks.json',
    'skaffold*.{yaml,yml}',
    '[Tt]askfile*.{yaml,yml}',
    'package.json',
    '{GNUm,[Mm]}akefile',
    '*.mk',
    '{.,}[Jj]ustfile',
    '*.just',
    'Tiltfile',
    '*.{sh,bash}',
  }

local function serves(file)
  local path, name = file:gsub('\\', '/'), vim.fn.fnamemodify(file, ':t')
  for _, pattern in ipairs(files) do
    local text = pattern:find('/', 1, true) and path or name
    if vim.regex(vim.fn.glob2regpat(pattern)):match_str(text) then
      return true
    end
  end
  return false
end

-- The nearest folder with a .git (a file in worktrees), else the file's own; nil for no server. A script or Makefile outside
-- of a repository may lie in a home folder, which nobody wants to be searched.
-- Neovim takes Dockerfile.dockerignore for a Dockerfile; it has no root here, and so no server.
local function root(buffer)
  local file = vim.api.nvim_buf_get_name(buffer)
  if file == '' or file:find('^%a[%w+.-]+://') or vim.api.nvim_buf_get_option(buffer, 'buftype') ~= '' then
    return nil
  end
  file = vim.fn.fnamemodify(file, ':p')
  local dockerfile = vim.api.nvim_buf_get_option(buffer, 'filetype') == 'dockerfile'
  if file:match('%.dockerignore$') or not (dockerfile or serves(file)) then
    return nil
  end
  local folder = vim.fn.fnamemodify(file, ':h')
  local git = vim.fn.finddir('.git', folder .. ';')
  git = git ~= '' and git or vim.fn.findfile('.git', folder .. ';')
  if git ~= '' then
    return vim.fn.fnamemodify(git, ':p:s?/$??:h')
  end
  local name = vim.fn.fnamemodify(file, ':t')
  return (dockerfile or name:find('compose') or name:find('bake')) and folder or nil
end

-- Neovim 0.7 has people choose who formats, where several servers can; later versions ask all, and this one answers nothing
-- outside of Dockerfiles.
if vim.fn.has('nvim-0.8') == 0 then
  config.on_init = function(client)
    local supports = client.supports_method
    client.supports_method = function(method)
      return supports(method) and (not method:lower():find('formatting') or vim.bo.filetype == 'dockerfile')
    end
  end
end

-- A completion of several lines is one line with NULs in it before 0.11.
if vim.fn.has('nvim-0.11') == 0 then
  vim.api.nvim_create_autocmd('CompleteDone', {
    callback = function()
      local item = vim.tbl_get(vim.v.completed_item, 'user_data', 'nvim', 'lsp', 'completion_item')
      local row, line = vim.api.nvim_win_get_cursor(0)[1], vim.api.nvim_get_current_line()
      if item and vim.bo.filetype == 'dockerfile' and line:find('\0', 1, true) then
        local lines = vim.split(line, '\0', { plain = true })
        vim.api.nvim_buf_set_lines(0, row - 1, row, true, lines)
        vim.api.nvim_win_set_cursor(0, { row + #lines - 1, #lines[#lines] })
      end
    end,
  })
end

local clients = {} -- by root folder, for Neovim 0.7

local function attach(buffer)
  local root_dir = root(buffer)
  if not root_dir then
    return
  end
  local start = vim.tbl_extend('force', config, { root_dir = root_dir })
  if vim.lsp.start then -- Neovim 0.8
    return vim.lsp.start(start, { bufnr = buffer })
  end
  if not vim.lsp.get_client_by_id(clients[root_dir] or -1) then
    clients[root_dir] = vim.lsp.start_client(start)
  end
  vim.lsp.buf_attach_client(buffer, clients[root_dir])
  if vim.api.nvim_buf_get_option(buffer, 'omnifunc') == '' then -- later versions do so themselves
    vim.api.nvim_buf_set_option(buffer, 'omnifunc', 'v:lua.vim.lsp.omnifunc')
  end
end

-- Neovim 0.10 and later open the picture in what the system has for SVG files.
vim.api.nvim_create_user_command('DockerfileStageGraph', function(command)
  local uri = vim.uri_from_bufnr(0)
  local client = vim.tbl_filter(function(one)
    return one.name == 'dockerfile-ls' and vim.lsp.buf_is_attached(0, one.id)
  end, (vim.lsp.get_clients or vim.lsp.get_active_clients)())[1]
  if not client then
    return vim.notify('dockerfile-ls is not attached here', vim.log.levels.WARN)
  end
  local function ask(format, theme, show)
    local words = { { uri = uri, format = format, theme = theme } }
    local params = { command = 'dockerfile-ls.stageGraph', arguments = words }
    local function answered(problem, graph)
      if problem then
        return vim.notify(problem.message, vim.log.levels.ERROR)
      end
      show(graph)
    end
    if vim.fn.has('nvim-0.11') == 1 then
      client:request('workspace/executeCommand', params, answered)
    else
      client.request('workspace/executeCommand', params, answered)
    end
  end
  local function text()
    ask('text', nil, function(graph)
      vim.cmd('botright new')
      vim.bo.buftype, vim.bo.bufhidden = 'nofile', 'wipe'
      vim.api.nvim_buf_set_lines(0, 0, -1, true, vim.split(graph, '\n'))
    end)
  end
  if command.bang or not vim.ui.open then
    return text()
  end
  ask('svg', vim.o.background, function(graph)
    local file = vim.fn.tempname() .. '.svg'
    vim.fn.writefile(vim.split(graph, '\n'), file)
    local _, problem = vim.ui.open(file)
    if problem then
      text()
    end
  end)
end, { bang = true, desc = 'Show the stages of a Dockerfile and what they need; with ! as text' })

-- Our grammar and queries, before any that a plugin brings.
if vim.g.dockerfile_ls_parser and vim.fn.has('nvim-0.10') == 1 then
  local queries = vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p:h:h:h') .. '/queries/'
  vim.treesitter.language.add('dockerfile', { path = vim.g.dockerfile_ls_parser })
  for kind, names in pairs({
    highlights = { 'highlights' },
    folds = { 'folds' },
    injections = { 'injections', 'injections-json' },
  }) do
    local lines = {}
    for _, name in ipairs(names) do
      vim.list_extend(lines, vim.fn.readfile(queries .. name .. '.scm'))
    end
    vim.treesitter.query.set('dockerfile', kind, table.concat(lines, '\n'))
  end
  vim.api.nvim_create_autocmd('FileType', {
    pattern = 'dockerfile',
    callback = function(event)
      vim.treesitter.start(event.buf, 'dockerfile')
    end,
  })
end

-- Every version knows Dockerfile, Containerfile and what follows them after a dot, but not all know these. A buffer without
-- a filetype gets no server.
local filetypes = {
  dockerfile = { '*.dockerfile', '*.containerfile' },
  just = { 'justfile', 'Justfile', '.justfile', '*.just' },
  tiltfile = { 'Tiltfile' },
}
for filetype, patterns in pairs(filetypes) do
  vim.api.nvim_create_autocmd({ 'BufNewFile', 'BufRead' }, {
    pattern = patterns,
    command = 'setfiletype ' .. filetype,
  })
end

if vim.lsp.config and vim.lsp.enable then -- Neovim 0.11
  config.root_dir = function(buffer, start)
    local root_dir = root(buffer)
    if root_dir then
      start(root_dir)
    end
  end
  vim.lsp.config('dockerfile-ls', config)
  vim.lsp.enable('dockerfile-ls')
else
  vim.api.nvim_create_autocmd('FileType', {
    pattern = '*',
    callback = function(event)
      attach(event.buf)
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      attach(buffer)
    end
  end
end
