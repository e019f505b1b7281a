;;; dockerfile-ls.el --- Multi-stage Dockerfiles in eglot  -*- lexical-binding: t -*-

;; Package-Requires: ((emacs "28.1") (eglot "1.9"))

;;; Commentary:

;; Attaches dockerfile-ls to Dockerfiles, and to the files that build them.  See README.md beside this file.

;;; Code:

(require 'eglot)
(require 'project)

(defgroup dockerfile-ls nil
  "A language server for multi-stage Dockerfiles."
  :group 'eglot)

(defcustom dockerfile-ls-command '("dockerfile-ls")
  "The server and its arguments."
  :type '(repeat string))

(defcustom dockerfile-ls-files
  '("/\\(docker-\\)?compose[^/]*\\.ya?ml\\'"
    "\\.compose\\.ya?ml\\'"
    "/docker-bake[^/]*\\.\\(hcl\\|json\\)\\'"
    "/\\.github/workflows/[^/]+\\.ya?ml\\'"
    "/action\\.ya?ml\\'"
    "\\.gitlab-ci\\.ya?ml\\'"
    "/\\.?devcontainer\\.json\\'"
    "/\\.vscode/tasks\\.json\\'"
    "/skaffold[^/]*\\.ya?ml\\'"
    "/[Tt]askfile[^/]*\\.ya?ml\\'"
    "/package\\.json\\'"
    "/\\(GNUm\\|[Mm]\\)akefile\\'"
    "\\.mk\\'"
    "/\\.?[Jj]ustfile\\'"
    "\\.just\\'"
    "/Tiltfile\\'"
    "\\.\\(ba\\)?sh\\'")
  "What may name a stage: expressions for the whole path of files that the server serves beside Dockerfiles."
  :type '(repeat regexp))

;;;###autoload
(define-derived-mode dockerfile-ls-mode prog-mode "Dockerfile"
  "For Dockerfiles where there is no other mode."
  (modify-syntax-entry ?# "<")
  (modify-syntax-entry ?\n ">")
  (setq-local comment-start "# " comment-start-skip "#+ *")
  (setq-local font-lock-defaults
              '((("^[ \t]*#.*" . font-lock-comment-face)
                 ("^[ \t]*\\(ADD\\|ARG\\|CMD\\|COPY\\|ENTRYPOINT\\|ENV\\|EXPOSE\\|FROM\\|HEALTHCHECK\\|LABEL\\|MAINTAINER\\|ONBUILD\\|RUN\\|SHELL\\|STOPSIGNAL\\|USER\\|VOLUME\\|WORKDIR\\)\\_>"
                  1 font-lock-keyword-face)
                 ("^[ \t]*FROM[ \t].*[ \t]\\(AS\\)[ \t]+\\([^ \t\n]+\\)"
                  (1 font-lock-keyword-face) (2 font-lock-function-name-face))
                 ("\\_<--from=\\([^ \t\n]+\\)" 1 font-lock-function-name-face))
                t t)))

;; Behind all others: dockerfile-mode, yaml-mode and so on go before these where they are installed. Without a mode of its own a
;; file would get no server.
(dolist (pattern '("[/\\]\\(Docker\\|Container\\)file\\(\\.[^/\\]*\\)?\\'" "\\.\\(docker\\|container\\)file\\'"))
  (add-to-list 'auto-mode-alist (cons pattern 'dockerfile-ls-mode) t))
(dolist (pattern dockerfile-ls-files)
  (add-to-list 'auto-mode-alist (cons pattern 'conf-unix-mode) t))

(defconst dockerfile-ls--dockerfile-modes '(dockerfile-mode dockerfile-ts-mode dockerfile-ls-mode))

;; One server serves them all. It knows the files by their names, and eglot before 1.12 tells it one language for all.
(defconst dockerfile-ls--modes
  (mapcar (lambda (mode) (list mode :language-id "docker"))
          (append dockerfile-ls--dockerfile-modes
                  '(yaml-mode yaml-ts-mode docker-compose-mode conf-unix-mode hcl-mode terraform-mode
                    js-mode js-json-mode json-mode json-ts-mode jsonc-mode
                    makefile-mode makefile-gmake-mode makefile-bsdmake-mode
                    just-mode just-ts-mode python-mode python-ts-mode sh-mode bash-ts-mode))))

(defclass dockerfile-ls-server (eglot-lsp-server) ()
  "The server, known by its class.")

(defun dockerfile-ls--dockerfile-p ()
  "Whether the buffer is a Dockerfile."
  (and (apply #'derived-mode-p dockerfile-ls--dockerfile-modes)
       (not (string-suffix-p ".dockerignore" buffer-file-name))))

(defun dockerfile-ls--root ()
  "The folder that the server is to know, nil where none is wanted.
A script or Makefile outside of a repository may lie in a home
folder, which nobody wants to be searched."
  (let ((build (seq-some (lambda (pattern) (string-match-p pattern buffer-file-name)) dockerfile-ls-files)))
    (when (or build (dockerfile-ls--dockerfile-p))
      (or (locate-dominating-file buffer-file-name ".git")
          (and (or (dockerfile-ls--dockerfile-p)
                   (string-match-p "compose\\|bake" (file-name-nondirectory buffer-file-name)))
               default-directory)))))

;; A project of its own kind, which only eglot sees: other files of the repository don't find this server, and it stands beside
;; the servers that they have.
(defun dockerfile-ls--project (_folder)
  "What eglot takes for the project of this buffer."
  (let ((root (and (bound-and-true-p eglot-lsp-context) buffer-file-name (dockerfile-ls--root))))
    (and root (cons 'dockerfile-ls (file-name-as-directory (expand-file-name root))))))

(cl-defmethod project-root ((project (head dockerfile-ls)))
  "The folder of PROJECT."
  (cdr project))

(cl-defmethod project-files ((project (head dockerfile-ls)) &optional _folders)
  "Files of PROJECT, whose folders eglot watches."
  (let ((known (with-temp-buffer
                 (setq default-directory (cdr project))
                 ;; A .git that git does not take for a repository is an error.
                 (ignore-errors (project-files (project-current))))))
    (or known (directory-files (cdr project) t))))

(defun dockerfile-ls-start ()
  "Start or find the server, if it serves this file."
  (when (and buffer-file-name (dockerfile-ls--root))
    (setq-local eglot-server-programs
                (cons `(,dockerfile-ls--modes . (dockerfile-ls-server ,@dockerfile-ls-command)) eglot-server-programs))
    (add-hook 'project-find-functions #'dockerfile-ls--project nil t)
    (when (dockerfile-ls--dockerfile-p)
      ;; Eglot completes what has the syntax of a symbol, and these stand before one.
      (set-syntax-table (make-syntax-table (syntax-table)))
      (dolist (mark '(?= ?$ ?/))
        (modify-syntax-entry mark ".")))
    (eglot-ensure)))

(add-hook 'after-change-major-mode-hook #'dockerfile-ls-start)

(defun dockerfile-ls-stage-graph ()
  "Show the stages of this Dockerfile and what they need: a picture, or text on a terminal."
  (interactive)
  (let* ((server (or (eglot-current-server) (user-error "No server in this buffer")))
         (picture (and (display-graphic-p) (image-type-available-p 'svg)))
         (to-uri (if (fboundp 'eglot-path-to-uri) 'eglot-path-to-uri 'eglot--path-to-uri)) ; Emacs 30, 28
         (graph (jsonrpc-request
                 server :workspace/executeCommand
                 (list :command "dockerfile-ls.stageGraph"
                       :arguments (vector (append (list :uri (funcall to-uri buffer-file-name))
                                                  (if (not picture)
                                                      '(:format "text")
                                                    (list :format "svg" :theme (if (eq (frame-parameter nil 'background-mode) 'dark) "dark" "light")))))))))
    (with-current-buffer (get-buffer-create "*Stage graph*")
      (let ((inhibit-read-only t))
        (erase-buffer)
        (if picture (insert-image (create-image graph 'svg t)) (insert graph))
        (goto-char (point-min)))
      (special-mode)
      (display-buffer (current-buffer)))))

(provide 'dockerfile-ls)
;;; dockerfile-ls.el ends here
