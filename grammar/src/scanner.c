// The external scanner: everything about a Dockerfile's text that needs to look ahead or to remember.
//
// It owns newlines, continuations (with the escape character of the `# escape=` directive), comment lines inside
// continuations, parser directives, the start of words and flags, shell text, and heredocs. The rules are those of
// BuildKit's frontend/dockerfile/parser/parser.go. Its whole memory is serialised, so that an incremental parse equals a
// fresh one, and it never asks for the column, which would make reparsing quadratic.

#include "tree_sitter/alloc.h"
#include "tree_sitter/parser.h"

#include <string.h>

enum TokenType {
    NEWLINE,
    LINE_CONTINUATION,
    GLUE,
    CONTINUED_COMMENT,
    GLUED_COMMENT,
    COMMENT,
    DIRECTIVE,
    WORD,
    FLAG,
    END_OF_FLAGS,
    LEGACY_PAIR,
    JSON,
    NOT_JSON,
    AS,
    EQUALS,
    ESCAPE,
    PLAIN_ESCAPE,
    REGISTRY,
    SHELL_FRAGMENT,
    HEREDOC_MARKER,
    HEREDOC_NEWLINE,
    HEREDOC_BODY,
    HEREDOC_END,
    IN_QUOTES,
    IN_SINGLE_QUOTES,
    ERROR_SENTINEL,
};

// Whether parser directives may still come.
enum { DIRECTIVES_OPEN, DIRECTIVES_IN_LINE, DIRECTIVES_CLOSED };

// Whether comment lines follow the last continuation, and which kind that was.
enum { NO_COMMENTS, COMMENTS_BETWEEN_WORDS, COMMENTS_IN_WORD };

// Room for the delimiters of the heredocs of one instruction. tree-sitter keeps 1,024 bytes of state at most.
#define HEREDOC_BYTES 960

typedef struct {
    char escape;
    uint8_t directives;
    uint8_t comments;
    // The quote that is open in shell text, or 0. It stays open over continuations.
    char quote;
    // A word of this instruction is unreadable, so BuildKit finds no heredocs in it.
    uint8_t no_heredocs;
    uint8_t in_heredoc;
    // Pending heredocs, each as: strips tabs?, length, delimiter in UTF-8.
    uint16_t used;
    uint8_t heredocs[HEREDOC_BYTES];
} Scanner;

#define HEADER 6

void *tree_sitter_dockerfile_external_scanner_create(void) {
    Scanner *s = ts_calloc(1, sizeof(Scanner));
    s->escape = '\\';
    return s;
}

void tree_sitter_dockerfile_external_scanner_destroy(void *payload) {
    ts_free(payload);
}

unsigned tree_sitter_dockerfile_external_scanner_serialize(void *payload, char *buffer) {
    Scanner *s = payload;
    buffer[0] = s->escape;
    buffer[1] = (char)s->directives;
    buffer[2] = (char)s->comments;
    buffer[3] = s->quote;
    buffer[4] = (char)s->no_heredocs;
    buffer[5] = (char)s->in_heredoc;
    memcpy(buffer + HEADER, s->heredocs, s->used);
    return HEADER + s->used;
}

void tree_sitter_dockerfile_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
    Scanner *s = payload;
    if (length < HEADER) {
        s->escape = '\\';
        s->directives = DIRECTIVES_OPEN;
        s->comments = NO_COMMENTS;
        s->quote = 0;
        s->no_heredocs = 0;
        s->in_heredoc = 0;
        s->used = 0;
        return;
    }
    s->escape = buffer[0];
    s->directives = (uint8_t)buffer[1];
    s->comments = (uint8_t)buffer[2];
    s->quote = buffer[3];
    s->no_heredocs = (uint8_t)buffer[4];
    s->in_heredoc = (uint8_t)buffer[5];
    s->used = (uint16_t)(length - HEADER);
    memcpy(s->heredocs, buffer + HEADER, s->used);
}

// ---- characters -----------------------------------------------------------------------------------------------------

static void advance(TSLexer *lexer) {
    lexer->advance(lexer, false);
}

static bool is_blank(int32_t c) {
    return c == ' ' || c == '\t' || c == '\f' || c == '\v' || c == '\r';
}

// White space beyond ASCII. BuildKit takes it off the start of a line, where it looks for comments and for the line's end,
// but it separates nothing (Go's unicode.IsSpace).
static bool is_wide_blank(int32_t c) {
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool is_digit(int32_t c) {
    return c >= '0' && c <= '9';
}

static bool at_end(TSLexer *lexer) {
    return lexer->lookahead == 0 && lexer->eof(lexer);
}

static bool at_line_end(TSLexer *lexer) {
    return lexer->lookahead == '\n' || at_end(lexer);
}

// Advances over blanks and says whether they are spaces, which JSON allows in a string.
static bool advance_over_blanks(TSLexer *lexer) {
    bool spaces = true;
    for (; is_blank(lexer->lookahead); advance(lexer)) spaces = spaces && lexer->lookahead == ' ';
    return spaces;
}

static void advance_over_line(TSLexer *lexer) {
    while (!at_line_end(lexer)) advance(lexer);
    if (lexer->lookahead == '\n') advance(lexer);
}

// Advances over a run of `c` and returns its length.
static unsigned advance_over_run(TSLexer *lexer, int32_t c) {
    unsigned length = 0;
    while (lexer->lookahead == c) {
        advance(lexer);
        length++;
    }
    return length;
}

// At the start of a line: advances over white space of any kind.
static void advance_over_indent(TSLexer *lexer) {
    while (is_blank(lexer->lookahead) || is_wide_blank(lexer->lookahead)) advance(lexer);
}

// ---- continuations --------------------------------------------------------------------------------------------------

// At the start of a line after a continuation: advances over blank lines, which BuildKit skips, marking the end of the
// token after each, and says whether the line after them starts with a blank.
static bool advance_over_blank_lines(TSLexer *lexer) {
    for (;;) {
        lexer->mark_end(lexer);
        bool indented = is_blank(lexer->lookahead);
        advance_over_indent(lexer);
        if (lexer->lookahead != '\n') return indented;
        advance(lexer);
    }
}

// Having read a continuation up to and including its newline: ends the token after the blank lines that follow and says
// whether the text after it, comment lines left out, goes on in the same word. Remembers whether comment lines come.
static bool continues_word(Scanner *s, TSLexer *lexer) {
    bool indented = advance_over_blank_lines(lexer);
    bool comments = false;
    while (lexer->lookahead == '#') {
        comments = true;
        advance_over_line(lexer);
        indented = is_blank(lexer->lookahead);
        advance_over_indent(lexer);
        while (lexer->lookahead == '\n') {
            advance(lexer);
            indented = is_blank(lexer->lookahead);
            advance_over_indent(lexer);
        }
    }
    s->comments = comments ? COMMENTS_BETWEEN_WORDS : NO_COMMENTS;
    return !indented && !at_line_end(lexer);
}

// What follows an escape character.
enum Following { TEXT, ODD_BLANKS, JOINED_TEXT, JOINED_ODD_BLANKS };

// Advances over blanks behind an escape character and, where it is a continuation, up to the text on the line that goes
// on. Says whether it is, and whether the blanks in front of the text are other than spaces.
static enum Following advance_over_continuation(TSLexer *lexer) {
    bool spaces = advance_over_blanks(lexer);
    if (lexer->lookahead != '\n') return spaces ? TEXT : ODD_BLANKS;
    for (;;) {
        while (lexer->lookahead == '\n') advance(lexer);
        spaces = advance_over_blanks(lexer);
        if (lexer->lookahead == '#') advance_over_line(lexer);
        else if (lexer->lookahead != '\n') return spaces ? JOINED_TEXT : JOINED_ODD_BLANKS;
    }
}

static bool joined(TSLexer *lexer) {
    return advance_over_continuation(lexer) >= JOINED_TEXT;
}

// Emits a continuation whose escape character and blanks have been read.
static bool continuation(Scanner *s, TSLexer *lexer, const bool *valid, bool after_blank) {
    if (!valid[LINE_CONTINUATION] && !valid[GLUE]) return false;
    if (lexer->lookahead == '\n') advance(lexer);
    bool glued = continues_word(s, lexer) && !after_blank;
    if ((glued && valid[GLUE]) || !valid[LINE_CONTINUATION]) {
        if (s->comments) s->comments = COMMENTS_IN_WORD;
        lexer->result_symbol = GLUE;
    } else {
        lexer->result_symbol = LINE_CONTINUATION;
    }
    s->directives = DIRECTIVES_CLOSED;
    return true;
}

// A comment line inside a continuation, with its newline: BuildKit removes both.
static bool continued_comment(Scanner *s, TSLexer *lexer, const bool *valid) {
    enum TokenType symbol = s->comments == COMMENTS_IN_WORD && valid[GLUED_COMMENT] ? GLUED_COMMENT : CONTINUED_COMMENT;
    if (!valid[symbol]) return false;
    uint8_t kind = s->comments;
    advance_over_line(lexer);
    advance_over_blank_lines(lexer);
    s->comments = lexer->lookahead == '#' ? kind : NO_COMMENTS;
    lexer->result_symbol = symbol;
    return true;
}

// ---- comments and directives ----------------------------------------------------------------------------------------

// Reads a directive after its `#` and says whether it is one. Takes note of a new escape character.
static bool read_directive(Scanner *s, TSLexer *lexer) {
    char name[8];
    unsigned length = 0;
    advance_over_indent(lexer);
    for (;;) {
        int32_t c = lexer->lookahead;
        if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
        if (!((c >= 'a' && c <= 'z') || is_digit(c))) break;
        if (length == sizeof(name) - 1) return false;
        name[length++] = (char)c;
        advance(lexer);
    }
    name[length] = 0;
    bool is_escape = strcmp(name, "escape") == 0;
    if (!is_escape && strcmp(name, "syntax") != 0 && strcmp(name, "check") != 0) return false;
    while (lexer->lookahead == ' ' || lexer->lookahead == '\t') advance(lexer);
    if (lexer->lookahead != '=') return false;
    advance(lexer);
    // A blank alone is a value.
    bool blank = lexer->lookahead == ' ' || lexer->lookahead == '\t';
    while (lexer->lookahead == ' ' || lexer->lookahead == '\t') advance(lexer);
    if (at_line_end(lexer) || lexer->lookahead == '\r') return blank;
    if (is_escape) {
        int32_t value = lexer->lookahead;
        advance(lexer);
        advance_over_blanks(lexer);
        if (at_line_end(lexer) && (value == '\\' || value == '`')) s->escape = (char)value;
    }
    return true;
}

static bool comment_or_directive(Scanner *s, TSLexer *lexer, const bool *valid) {
    advance(lexer);
    lexer->mark_end(lexer);
    if (valid[DIRECTIVE] && s->directives == DIRECTIVES_OPEN && read_directive(s, lexer)) {
        s->directives = DIRECTIVES_IN_LINE;
        lexer->result_symbol = DIRECTIVE;
        return true;
    }
    s->directives = DIRECTIVES_CLOSED;
    lexer->mark_end(lexer);
    while (!at_line_end(lexer)) {
        bool carriage_return = lexer->lookahead == '\r';
        advance(lexer);
        if (!(carriage_return && at_line_end(lexer))) lexer->mark_end(lexer);
    }
    lexer->result_symbol = COMMENT;
    return true;
}

// ---- heredocs -------------------------------------------------------------------------------------------------------

typedef struct {
    bool found;
    // The quote that is open after what was read of something that is no heredoc.
    char quote;
    uint8_t strips_tabs;
    unsigned length;
    uint8_t name[255];
} Marker;

// Adds a character of the delimiter as UTF-8 and says whether there was room.
static bool push_character(Marker *marker, int32_t c) {
    static const uint8_t first[] = {0, 0xC0, 0xE0, 0xF0};
    unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    if (marker->length + more >= sizeof(marker->name)) return false;
    uint8_t *at = marker->name + marker->length;
    marker->length += more + 1;
    for (unsigned i = more; i > 0; i--, c >>= 6) at[i] = (uint8_t)(0x80 | (c & 0x3F));
    at[0] = (uint8_t)(first[more] | c);
    return true;
}

// The character of a delimiter at `at`, which moves on.
static int32_t next_character(const uint8_t *name, unsigned *at) {
    uint8_t first = name[(*at)++];
    if (first < 0x80) return first;
    unsigned more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    int32_t c = first & (0x3F >> more);
    while (more--) c = (c << 6) | (name[(*at)++] & 0x3F);
    return c;
}

static bool fits(const Scanner *s, const Marker *marker) {
    return marker->length > 0 && s->used + 2 + marker->length <= HEREDOC_BYTES;
}

// Reads `[fd]<<[-]delimiter` at the start of a word (parser.go, `reHeredoc`), with white space allowed right behind `<<`.
// `mark`: ends the token behind it, in front of a continuation. Goes on to the text behind that.
static void read_marker(Scanner *s, TSLexer *lexer, Marker *marker, bool mark) {
    marker->found = false;
    marker->quote = 0;
    marker->strips_tabs = 0;
    marker->length = 0;
    while (is_digit(lexer->lookahead)) advance(lexer);
    if (lexer->lookahead != '<') return;
    advance(lexer);
    if (lexer->lookahead != '<') return;
    advance(lexer);
    if (lexer->lookahead == '-') {
        marker->strips_tabs = 1;
        advance(lexer);
    } else {
        while (is_blank(lexer->lookahead)) advance(lexer);
    }
    while (!at_line_end(lexer)) {
        int32_t c = lexer->lookahead;
        if (!marker->quote && is_blank(c)) break;
        if (c == '<') return;
        if (c == marker->quote) {
            marker->quote = 0;
            advance(lexer);
        } else if (!marker->quote && (c == '"' || c == '\'')) {
            marker->quote = (char)c;
            advance(lexer);
        } else {
            bool escapes = c == '\\' && marker->quote != '\'';
            if (c == s->escape && !marker->quote) {
                if (mark && fits(s, marker)) lexer->mark_end(lexer);
                advance(lexer);
                bool before_blank = is_blank(lexer->lookahead);
                if (joined(lexer) || at_end(lexer)) {
                    marker->found = fits(s, marker);
                    return;
                }
                if (before_blank) return;
            } else {
                advance(lexer);
            }
            // BuildKit unquotes the delimiter with `\` as the escape character, whatever that of the file.
            if (escapes && !at_line_end(lexer)) {
                c = lexer->lookahead;
                advance(lexer);
            }
            if (!push_character(marker, c)) return;
        }
    }
    marker->found = !marker->quote && fits(s, marker);
    if (mark && marker->found) lexer->mark_end(lexer);
}

static void push_heredoc(Scanner *s, const Marker *marker) {
    s->heredocs[s->used] = marker->strips_tabs;
    s->heredocs[s->used + 1] = (uint8_t)marker->length;
    memcpy(s->heredocs + s->used + 2, marker->name, marker->length);
    s->used = (uint16_t)(s->used + 2 + marker->length);
}

static void pop_heredoc(Scanner *s) {
    unsigned record = 2u + s->heredocs[1];
    s->used = (uint16_t)(s->used - record);
    memmove(s->heredocs, s->heredocs + record, s->used);
    s->in_heredoc = 0;
}

static bool is_name_character(int32_t c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c > 0x7F;
}

// Advances over a `$`, and over the `${` and the name of a variable. Says whether what follows the name is nothing that
// BuildKit's shell lexer knows (shell/lex.go, `processDollar`).
static bool advance_over_unreadable(TSLexer *lexer) {
    advance(lexer);
    int32_t c = lexer->lookahead;
    // `$$` is a variable.
    if (c == '$' || c == '{') advance(lexer);
    if (c != '{') return false;
    c = lexer->lookahead;
    if (is_name_character(c)) {
        while (is_name_character(lexer->lookahead)) advance(lexer);
    } else if (c > 0 && strchr("@*#?!$-", (char)c)) {
        advance(lexer);
    } else {
        return c == '}';
    }
    c = lexer->lookahead;
    // An escape character may be a continuation.
    return c > 0 && c <= 0x7F && !strchr("}:-+?#%/\\`\r\n", (char)c);
}

// Whether BuildKit's shell lexer can read the rest of the instruction: quotes pair up, and it knows each form of a
// variable. If it can't, the parser sees no heredocs.
static bool is_readable(Scanner *s, TSLexer *lexer) {
    char quote = 0;
    for (;;) {
        int32_t c = lexer->lookahead;
        if (at_line_end(lexer)) return quote == 0;
        if (c == s->escape || c == '\\') {
            unsigned run = advance_over_run(lexer, c);
            bool escapes = c == '\\' && run % 2 == 1 && quote != '\'';
            if (c == s->escape && run == 1 && (is_blank(lexer->lookahead) || at_line_end(lexer))) {
                joined(lexer);
            } else if (escapes && !at_line_end(lexer) && lexer->lookahead != s->escape) {
                advance(lexer);
            }
            continue;
        }
        if (c == '$' && quote != '\'') {
            if (advance_over_unreadable(lexer)) return false;
            continue;
        }
        if (c == quote) quote = 0;
        else if (!quote && (c == '"' || c == '\'')) quote = (char)c;
        advance(lexer);
    }
}

static bool heredoc_body_or_end(Scanner *s, TSLexer *lexer, const bool *valid) {
    bool any = false;
    lexer->mark_end(lexer);
    for (;;) {
        if (at_end(lexer)) {
            if (!any || !valid[HEREDOC_BODY]) return false;
            lexer->mark_end(lexer);
            s->used = 0;
            s->in_heredoc = 0;
            lexer->result_symbol = HEREDOC_BODY;
            return true;
        }
        if (s->heredocs[0]) {
            while (lexer->lookahead == '\t') lexer->advance(lexer, !any);
        }
        unsigned at = 2, end = 2u + s->heredocs[1];
        while (at < end && !at_end(lexer)) {
            unsigned next = at;
            if (lexer->lookahead != next_character(s->heredocs, &next)) break;
            at = next;
            advance(lexer);
        }
        if (at == end) {
            if (!any) lexer->mark_end(lexer);
            while (lexer->lookahead == '\r') advance(lexer);
            if (at_line_end(lexer)) {
                if (any) {
                    lexer->result_symbol = HEREDOC_BODY;
                    return valid[HEREDOC_BODY];
                }
                pop_heredoc(s);
                lexer->result_symbol = HEREDOC_END;
                return valid[HEREDOC_END];
            }
        }
        advance_over_line(lexer);
        any = true;
        lexer->mark_end(lexer);
    }
}

// ---- JSON -----------------------------------------------------------------------------------------------------------

static bool json_blanks(Scanner *s, TSLexer *lexer) {
    for (;;) {
        int32_t c = lexer->lookahead;
        if (c == ' ' || c == '\t' || c == '\r') {
            advance(lexer);
        } else if (c == s->escape) {
            advance(lexer);
            if (!joined(lexer)) return false;
        } else {
            return true;
        }
    }
}

static bool json_string(Scanner *s, TSLexer *lexer) {
    advance(lexer);
    for (;;) {
        int32_t c = lexer->lookahead;
        if (at_line_end(lexer) || (c >= 0 && c < 0x20)) return false;
        advance(lexer);
        if (c == '"') return true;
        if (c == s->escape && (is_blank(lexer->lookahead) || lexer->lookahead == '\n')) {
            enum Following following = advance_over_continuation(lexer);
            if (following == JOINED_TEXT || (following == TEXT && c != '\\')) continue;
            return false;
        }
        if (c != '\\') continue;
        c = lexer->lookahead;
        if (c == 'u') {
            for (int i = 0; i < 4; i++) {
                advance(lexer);
                c = lexer->lookahead;
                if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) return false;
            }
        } else if (c == 0 || c > 0x7F || !strchr("\"\\/bfnrt", (char)c)) {
            return false;
        }
        advance(lexer);
    }
}

// Whether nothing follows the array: BuildKit takes blanks of any kind off the end of an instruction.
static bool json_end(Scanner *s, TSLexer *lexer) {
    while (json_blanks(s, lexer) && is_blank(lexer->lookahead)) advance(lexer);
    return at_line_end(lexer);
}

// Whether the rest of the instruction is a JSON array of strings. Anything else is the shell form.
static bool is_json(Scanner *s, TSLexer *lexer) {
    advance(lexer);
    if (!json_blanks(s, lexer)) return false;
    if (lexer->lookahead == ']') {
        advance(lexer);
        return json_end(s, lexer);
    }
    for (;;) {
        if (lexer->lookahead != '"' || !json_string(s, lexer) || !json_blanks(s, lexer)) return false;
        int32_t c = lexer->lookahead;
        if (c != ',' && c != ']') return false;
        advance(lexer);
        if (c == ']') return json_end(s, lexer);
        if (!json_blanks(s, lexer)) return false;
    }
}

// ---- words ----------------------------------------------------------------------------------------------------------

// Having read an escape character and the blanks behind it up to the end of the line: advances to the text after the
// continuation, and says whether it goes on in the same word.
static bool advance_over_glue(TSLexer *lexer) {
    bool indented = false;
    for (;;) {
        if (lexer->lookahead == '#') advance_over_line(lexer);
        else if (lexer->lookahead == '\n') advance(lexer);
        else return !indented && !at_end(lexer);
        indented = is_blank(lexer->lookahead);
        advance_over_indent(lexer);
    }
}

// Whether the first word of an ENV or LABEL has a `=`, quotes included: the form that is not the legacy one.
static bool has_equals_sign(Scanner *s, TSLexer *lexer) {
    char quote = 0;
    while (!at_line_end(lexer)) {
        int32_t c = lexer->lookahead;
        if (c == '=') return true;
        if (!quote && is_blank(c)) return false;
        if (c == quote) quote = 0;
        else if (!quote && (c == '"' || c == '\'')) quote = (char)c;
        advance(lexer);
        if (c != s->escape) continue;
        bool escapes = quote != '\'';
        bool before_blank = is_blank(lexer->lookahead);
        if (!before_blank && lexer->lookahead != '\n') {
            if (escapes && !at_end(lexer)) advance(lexer);
            continue;
        }
        if (before_blank) advance(lexer);
        bool more_blanks = is_blank(lexer->lookahead);
        advance_over_blanks(lexer);
        if (lexer->lookahead == '\n') {
            if (!advance_over_glue(lexer) && !quote) return false;
        } else if (!quote && (more_blanks || !escapes)) {
            return false;
        }
    }
    return false;
}

// Whether the first part of an image's name, up to its `/`, is a registry: it has a dot or a port, or it is `localhost`
// (distribution/reference). A variable's default counts.
static bool is_registry(TSLexer *lexer) {
    const char *localhost = "localhost";
    bool host = false, local = true;
    unsigned length = 0, braces = 0;
    for (;; length++) {
        int32_t c = lexer->lookahead;
        if (c == '/' && !braces) return host || (local && length == 9);
        if (is_blank(c) || at_line_end(lexer) || c == '"' || c == '\'' || c == '\\' || c == '`') return false;
        if (c == '@' && !braces) return false;
        if (length >= 9 || c != localhost[length]) local = false;
        advance(lexer);
        if (c == '$' && lexer->lookahead == '{') braces++;
        else if (c == '}' && braces) braces--;
        else if (c == '.' || (c == ':' && (!braces || is_digit(lexer->lookahead)))) host = true;
    }
}

// The AS of a FROM: nothing but a blank may follow, or a continuation.
static bool as_keyword(Scanner *s, TSLexer *lexer) {
    advance(lexer);
    if (lexer->lookahead != 's' && lexer->lookahead != 'S') return false;
    advance(lexer);
    if (is_blank(lexer->lookahead) || at_line_end(lexer)) {
        lexer->mark_end(lexer);
        return true;
    }
    if (lexer->lookahead != s->escape) return false;
    lexer->mark_end(lexer);
    advance(lexer);
    advance_over_blanks(lexer);
    return at_line_end(lexer);
}

// The shell's text up to the end of the line, a continuation, or a heredoc marker. `any`: some of it was read already.
static bool shell_fragment(Scanner *s, TSLexer *lexer, const bool *valid, bool after_blank, bool any) {
    bool word_start = !any;
    bool heredocs = valid[HEREDOC_MARKER] && !s->no_heredocs;
    while (!at_line_end(lexer)) {
        int32_t c = lexer->lookahead;
        if (c == s->escape || c == '\\') {
            unsigned run = advance_over_run(lexer, c);
            if (c == s->escape && run == 1 && (is_blank(lexer->lookahead) || at_line_end(lexer))) {
                advance_over_blanks(lexer);
                // A continuation: the fragment ends in front of it, where its end was marked.
                if (at_line_end(lexer)) {
                    if (!any) return continuation(s, lexer, valid, after_blank);
                    break;
                }
            } else if (c == '\\' && run % 2 == 1 && s->quote != '\'' && !at_line_end(lexer) && lexer->lookahead != s->escape) {
                // Another escape character than `\` may continue the line behind one.
                advance(lexer);
            }
            lexer->mark_end(lexer);
            any = true;
            word_start = false;
            continue;
        }
        if (is_blank(c)) {
            advance(lexer);
            word_start = true;
            continue;
        }
        if (heredocs && word_start && !s->quote && (c == '<' || is_digit(c))) {
            Marker marker;
            read_marker(s, lexer, &marker, !any);
            if (marker.found) {
                if (!is_readable(s, lexer)) {
                    s->no_heredocs = 1;
                } else if (!any) {
                    push_heredoc(s, &marker);
                    lexer->result_symbol = HEREDOC_MARKER;
                    return true;
                }
                any = true;
                break;
            }
            s->quote = marker.quote;
            lexer->mark_end(lexer);
            any = true;
            word_start = false;
            continue;
        }
        if (valid[HEREDOC_MARKER] && c == '$' && s->quote != '\'') {
            if (advance_over_unreadable(lexer)) {
                s->no_heredocs = 1;
                heredocs = false;
            }
            lexer->mark_end(lexer);
            any = true;
            word_start = false;
            continue;
        }
        if (valid[HEREDOC_MARKER]) {
            if (c == s->quote) s->quote = 0;
            else if (!s->quote && (c == '"' || c == '\'')) s->quote = (char)c;
        }
        advance(lexer);
        lexer->mark_end(lexer);
        any = true;
        word_start = false;
    }
    lexer->result_symbol = SHELL_FRAGMENT;
    return any;
}

// The escape character inside a word or at its start.
static bool escape(Scanner *s, TSLexer *lexer, const bool *valid, bool after_blank, bool in_word) {
    // In front of a new word the token stays empty; a continuation marks its own end.
    lexer->mark_end(lexer);
    unsigned run = advance_over_run(lexer, s->escape);
    if (in_word && valid[IN_SINGLE_QUOTES]) {
        // Lines are joined before words are split, so a continuation is one here too; nothing else is escaped.
        if (run > 1) return false;
        advance_over_blanks(lexer);
        return at_line_end(lexer) && continuation(s, lexer, valid, after_blank);
    }
    if (in_word) lexer->mark_end(lexer);
    bool before_blank = is_blank(lexer->lookahead);
    bool before_end = at_line_end(lexer);
    if (in_word && run % 2 == 1 && !before_end && (!before_blank || valid[ESCAPE])) {
        advance(lexer);
        lexer->mark_end(lexer);
    }
    bool ends_word = false;
    if (run == 1 && (before_blank || before_end)) {
        // The first blank is escaped.
        if (!in_word && before_blank) advance(lexer);
        ends_word = is_blank(lexer->lookahead);
        advance_over_blanks(lexer);
        if (at_line_end(lexer)) return continuation(s, lexer, valid, after_blank);
    } else if (!in_word && run % 2 == 1 && !before_end) {
        advance(lexer);
    }
    enum TokenType symbol = !in_word ? WORD : valid[ESCAPE] ? ESCAPE : PLAIN_ESCAPE;
    if (!in_word && valid[LEGACY_PAIR] && (ends_word || !has_equals_sign(s, lexer))) symbol = LEGACY_PAIR;
    lexer->result_symbol = symbol;
    return valid[symbol];
}

static bool newline(Scanner *s, TSLexer *lexer, const bool *valid) {
    advance(lexer);
    lexer->mark_end(lexer);
    s->quote = 0;
    if (s->used > 0 && valid[HEREDOC_NEWLINE] && !valid[ERROR_SENTINEL]) {
        s->in_heredoc = 1;
        lexer->result_symbol = HEREDOC_NEWLINE;
        return true;
    }
    s->comments = NO_COMMENTS;
    s->no_heredocs = 0;
    s->in_heredoc = 0;
    s->used = 0;
    s->directives = s->directives == DIRECTIVES_IN_LINE ? DIRECTIVES_OPEN : DIRECTIVES_CLOSED;
    lexer->result_symbol = NEWLINE;
    return valid[NEWLINE];
}

// What may start where a word may start. Most of it has no width: the words themselves are for the internal lexer.
static bool word_start(Scanner *s, TSLexer *lexer, const bool *valid, bool after_blank) {
    int32_t c = lexer->lookahead;
    lexer->mark_end(lexer);
    if (valid[JSON] && c == '[') {
        lexer->result_symbol = is_json(s, lexer) ? JSON : NOT_JSON;
        return true;
    }
    if (valid[END_OF_FLAGS] && c == '-') {
        unsigned dashes = advance_over_run(lexer, '-');
        if (dashes >= 2) {
            bool alone = dashes == 2 && (is_blank(lexer->lookahead) || at_line_end(lexer));
            if (alone) lexer->mark_end(lexer);
            lexer->result_symbol = alone ? END_OF_FLAGS : FLAG;
            return true;
        }
        if (valid[SHELL_FRAGMENT]) {
            lexer->mark_end(lexer);
            return shell_fragment(s, lexer, valid, after_blank, true);
        }
    } else if (valid[SHELL_FRAGMENT]) {
        return shell_fragment(s, lexer, valid, after_blank, false);
    }
    if (c == s->escape) return escape(s, lexer, valid, after_blank, false);
    if (valid[AS] && (c == 'a' || c == 'A')) {
        lexer->result_symbol = as_keyword(s, lexer) ? AS : WORD;
        return valid[lexer->result_symbol];
    }
    if (valid[HEREDOC_MARKER] && !s->no_heredocs && (c == '<' || is_digit(c))) {
        Marker marker;
        read_marker(s, lexer, &marker, true);
        if (marker.found) {
            push_heredoc(s, &marker);
            lexer->result_symbol = HEREDOC_MARKER;
            return true;
        }
    }
    enum TokenType symbol = valid[LEGACY_PAIR] && !has_equals_sign(s, lexer) ? LEGACY_PAIR : WORD;
    lexer->result_symbol = symbol;
    return valid[symbol];
}

bool tree_sitter_dockerfile_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
    Scanner *s = payload;
    bool recovering = valid[ERROR_SENTINEL];
    if (s->in_heredoc && s->used > 0 && (valid[HEREDOC_BODY] || valid[HEREDOC_END])) {
        return heredoc_body_or_end(s, lexer, valid);
    }

    // Inside quotes a blank is text, except before a comment line.
    bool in_quotes = valid[IN_QUOTES] && !recovering;
    bool after_blank = false;
    while (is_blank(lexer->lookahead) && (!in_quotes || s->comments || lexer->lookahead == '\r')) {
        lexer->advance(lexer, true);
        after_blank = !in_quotes;
    }
    // At the start of a line, or of a comment line in an instruction, other white space is skipped too.
    bool line_start = (valid[COMMENT] && !recovering) || s->comments;
    while (line_start && (is_blank(lexer->lookahead) || is_wide_blank(lexer->lookahead))) {
        lexer->advance(lexer, true);
    }

    int32_t c = lexer->lookahead;
    if (c == '\n') return newline(s, lexer, valid);
    if (recovering) return false;
    if (at_end(lexer)) {
        // Blanks at the end of the file are a line: behind a word the internal lexer would not skip them.
        lexer->result_symbol = NEWLINE;
        return after_blank && valid[NEWLINE];
    }
    if (c == '#' && s->comments) return continued_comment(s, lexer, valid);
    if (c == '#' && valid[COMMENT]) return comment_or_directive(s, lexer, valid);

    // Never a word of its own, also where an incremental parse asks behind a whole name.
    if (c == '=' && valid[EQUALS] && !after_blank && !in_quotes) {
        advance(lexer);
        lexer->mark_end(lexer);
        lexer->result_symbol = EQUALS;
        return true;
    }

    // Inside a word and only there it can be glued together.
    if (!valid[GLUE] || after_blank) return word_start(s, lexer, valid, after_blank);
    if (c == s->escape) return escape(s, lexer, valid, false, true);
    lexer->mark_end(lexer);
    lexer->result_symbol = REGISTRY;
    return valid[REGISTRY] && is_registry(lexer);
}
