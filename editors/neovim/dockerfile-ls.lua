-- Attaches dockerfile-ls to Dockerfiles in Neovim 0.7 and later:
--     dofile('/path/to/editors/neovim/dockerfile-ls.lua')     in init.lua, or :luafile it
-- Set vim.g.dockerfile_ls_cmd = { 'words', … } first if the server is not `dockerfile-ls` in PATH, and
-- vim.g.dockerfile_ls_settings = { rules = { … } } for settings.

local config = { name = 'dockerfile-ls', cmd = vim.g.dockerfile_ls_cmd or { 'dockerfile-ls' } }
if vim.g.dockerfile_ls_settings then
  config.settings = { ['dockerfile-ls'] = vim.g.dockerfile_ls_settings }
end

-- The nearest folder with a .git (a file in worktrees), else the file's own.
-- Neovim takes Dockerfile.dockerignore for a Dockerfile; it has no root here, and so no server.
local function root(buffer)
  local file = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':p')
  if file:match('%.dockerignore$') then
    return nil
  end
  local folder = vim.fn.fnamemodify(file, ':h')
  local git = vim.fn.finddir('.git', folder .. ';')
  git = git ~= '' and git or vim.fn.findfile('.git', folder .. ';')
  return git == '' and folder or vim.fn.fnamemodify(git, ':p:s?/$??:h')
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
  vim.api.nvim_buf_set_option(buffer, 'omnifunc', 'v:lua.vim.lsp.omnifunc') -- later versions do so themselves
end

-- Every version knows Dockerfile, Containerfile and what follows them after a dot, but not all know these.
vim.api.nvim_create_autocmd({ 'BufNewFile', 'BufRead' }, {
  pattern = { '*.dockerfile', '*.containerfile' },
  command = 'setfiletype dockerfile',
})

if vim.lsp.config and vim.lsp.enable then -- Neovim 0.11
  config.filetypes = { 'dockerfile' }
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
    pattern = 'dockerfile',
    callback = function(event)
      attach(event.buf)
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_get_option(buffer, 'filetype') == 'dockerfile' then
      attach(buffer)
    end
  end
end
