/**
 * @file A total, line-oriented grammar for Dockerfiles, as BuildKit reads them.
 * @license MIT OR Apache-2.0
 *
 * Total: every operand is optional and every text has a parse without ERROR nodes, so a half-typed line never damages
 * another one. Line-oriented: an instruction ends at the external newline token and no rule can cross it. What is *wrong*
 * with a text is for the semantic layer to say.
 *
 * How it splits text follows BuildKit's frontend/dockerfile/parser:
 *
 * - FROM, COPY, ADD, VOLUME and EXPOSE split at white space and nowhere else: `_plain_word`.
 * - ENV, LABEL, ARG and flags split at white space outside of quotes: `_quoting_word`.
 * - RUN, CMD and ENTRYPOINT hold the shell's text, which stays whole: `shell_fragment`, one a line.
 *
 * A continuation either separates two words or glues one word together (`buil\⏎der`). The scanner tells which, so that
 * both are ordinary tokens in the rules below rather than extras.
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

const immediate = (rule, precedence = 0) => token.immediate(prec(precedence, rule));

/** A keyword in any case, shown in the tree in upper case. */
const anyCase = (word) => new RegExp([...word].map((c) => `[${c.toLowerCase()}${c}]`).join(''));
const keyword = (word) => alias(anyCase(word), word);

/** The same behind the zero-width `_word`: a keyword that may follow flags, and is not a part of their values. */
const keywordInWord = (word) => alias(immediate(anyCase(word)), word);

/** White space, and the characters that start something of their own inside a word, as in a character class. */
const BLANK = ' \\t\\r\\n\\f\\v';
const WIDE_BLANK = '\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const SPECIAL = '"\'$\\\\`';

/** A run of characters other than these. */
const without = (characters) => new RegExp(`[^${characters}]+`);

/** The same inside a word. NUL is text like any other, but a negated class leaves it out: it needs a token of its own. */
const NUL = /\x00+/;
const text = (characters, precedence = 0) => choice(immediate(without(characters), precedence), immediate(NUL));

/** The name of a flag or of a mount's option. Neither starts with a continuation. */
const name = ($, characters) =>
  prec.right(
    seq(immediate(without(characters), 1), repeat(choice(immediate(without(characters), 1), $._inner_gap))),
  );

/**
 * Nothing needs its closing mark, so text could always belong to what is around as well: precedence gives it to the
 * innermost. A word in an expansion may hold a string, and a string an expansion whose word holds no string.
 */
const IN_WORD = 2;
const IN_STRING = 4;
const IN_STRING_IN_EXPANSION = 5;
const IN_VARIABLE = 7;

/**
 * A variable as BuildKit expands it. `word` is the rule for what may follow an operator: it differs with what ends the
 * word around the expansion. `close`: the precedence of `}` over the text around.
 */
const expansion = ($, word, close) =>
  choice(
    seq(immediate('$'), $.variable),
    prec.right(
      seq(
        immediate('${', 1),
        optional($.variable),
        optional(seq(field('operator', $.expansion_operator), optional(field('word', alias(word, $.expansion_word))))),
        optional(immediate('}', close)),
      ),
    ),
  );

module.exports = grammar({
  name: 'dockerfile',

  externals: ($) => [
    $._newline,
    // A continuation between words, and one inside a word.
    $.line_continuation,
    $._glue,
    // Comment lines that follow a continuation of either kind.
    $._continued_comment,
    $._glued_comment,
    $.comment,
    $._directive,
    // Zero-width: here a word, a flag, a key without `=`, a valid JSON array, a `[` that is none starts.
    $._word,
    $._flag,
    $._end_of_flags,
    $._legacy_pair,
    $._json,
    $._not_json,
    // The AS of a FROM, and the `=` of a pair.
    $._as,
    $._equals,
    // The escape character with what it escapes: a blank too, or not.
    $._escape,
    $._plain_escape,
    // Zero-width: here a registry starts.
    $._registry,
    $.shell_fragment,
    $.heredoc_marker,
    $._heredoc_newline,
    $.heredoc_body,
    $.heredoc_end,
    // Never emitted: being valid tells the scanner that a quote is open.
    $._in_quotes,
    // The same for a quote in which nothing is escaped.
    $._in_single_quotes,
    // Never valid in a rule: it is valid only while the parser recovers from an error.
    $._error,
  ],

  // White space beyond ASCII is skipped at the start of a line; everywhere else it is a part of the text around it.
  extras: () => [/[ \t\r\f\v]/, new RegExp(`[${WIDE_BLANK}]`)],

  inline: ($) => [$._gap, $._shell_or_json, $._inner_gap, $._flags],

  rules: {
    source_file: ($) =>
      seq(
        optional($._byte_order_mark),
        repeat($._newline),
        optional(seq($._line, repeat(seq(repeat1($._newline), $._line)), repeat($._newline))),
      ),

    _byte_order_mark: () => /\ufeff/,

    _line: ($) => choice($.comment, $.parser_directive, seq(repeat1($._gap), optional($._instruction)), $._instruction),

    // What may stand between two words.
    _gap: ($) => choice($.line_continuation, alias($._continued_comment, $.comment)),

    // What may stand inside a word, quoted or not.
    _inner_gap: ($) => choice(alias($._glue, $.line_continuation), alias($._glued_comment, $.comment)),

    parser_directive: ($) =>
      seq(
        alias($._directive, '#'),
        field('name', $.directive_name),
        immediate(/[ \t]*=/),
        optional(field('value', $.directive_value)),
      ),
    directive_name: () => /[a-zA-Z][a-zA-Z0-9]*/,
    directive_value: () => repeat1(choice(/[^ \t\r\n\f\v]([^\r\n]*[^ \t\r\n\f\v])?/, NUL)),

    _instruction: ($) =>
      choice(
        $.from_instruction,
        $.run_instruction,
        $.cmd_instruction,
        $.label_instruction,
        $.expose_instruction,
        $.env_instruction,
        $.add_instruction,
        $.copy_instruction,
        $.entrypoint_instruction,
        $.volume_instruction,
        $.user_instruction,
        $.workdir_instruction,
        $.arg_instruction,
        $.onbuild_instruction,
        $.stopsignal_instruction,
        $.healthcheck_instruction,
        $.shell_instruction,
        $.maintainer_instruction,
        $.unknown_instruction,
      ),

    // ---- instructions -------------------------------------------------------------------------------------------

    from_instruction: ($) =>
      seq(
        keyword('FROM'),
        optional($._flags),
        optional(
          seq(
            field('image', $.image_spec),
            repeat($._gap),
            optional(
              choice(
                seq(
                  alias($._as, 'AS'),
                  repeat($._gap),
                  optional(seq(field('as', alias($._plain_word, $.image_alias)), optional($._unexpected_words))),
                ),
                $._unexpected_words,
              ),
            ),
          ),
        ),
      ),

    _unexpected_words: ($) =>
      seq(alias($._plain_word, $.unexpected), repeat(choice($._gap, alias($._plain_word, $.unexpected)))),

    run_instruction: ($) => seq(keyword('RUN'), optional($._flags), optional($._run_command), repeat($.heredoc_block)),
    _run_command: ($) => choice($.json_string_array, alias($._shell_with_heredocs, $.shell_command)),
    _shell_with_heredocs: ($) =>
      seq(optional($._not_json), choice($.shell_fragment, $.heredoc_marker), repeat(choice($.shell_fragment, $.heredoc_marker, $._gap))),

    cmd_instruction: ($) => seq(keyword('CMD'), repeat($._gap), optional($._shell_or_json)),
    entrypoint_instruction: ($) => seq(keyword('ENTRYPOINT'), repeat($._gap), optional($._shell_or_json)),
    shell_instruction: ($) => seq(keyword('SHELL'), repeat($._gap), optional($._shell_or_json)),
    maintainer_instruction: ($) =>
      seq(keyword('MAINTAINER'), repeat($._gap), optional(alias($.shell_command, $.maintainer))),

    _shell_or_json: ($) => choice($.json_string_array, $.shell_command),
    shell_command: ($) => seq(optional($._not_json), $.shell_fragment, repeat(choice($.shell_fragment, $._gap))),

    copy_instruction: ($) => seq(keyword('COPY'), optional($._flags), optional($._paths), repeat($.heredoc_block)),
    add_instruction: ($) => seq(keyword('ADD'), optional($._flags), optional($._paths), repeat($.heredoc_block)),
    _paths: ($) => choice($.json_string_array, $._path_list),
    _path_list: ($) => {
      const source = choice($.heredoc_marker, alias($._plain_word, $.path));
      return seq(optional($._not_json), source, repeat(choice(source, $._gap)));
    },

    volume_instruction: ($) =>
      seq(
        keyword('VOLUME'),
        repeat($._gap),
        optional(
          choice(
            $.json_string_array,
            seq(
              optional($._not_json),
              alias($._plain_word, $.path),
              repeat(choice(alias($._plain_word, $.path), $._gap)),
            ),
          ),
        ),
      ),

    expose_instruction: ($) =>
      seq(keyword('EXPOSE'), repeat(choice(alias($._plain_word, $.expose_port), $._gap))),

    workdir_instruction: ($) => seq(keyword('WORKDIR'), repeat($._gap), optional(alias($._rest, $.path))),
    stopsignal_instruction: ($) => seq(keyword('STOPSIGNAL'), repeat($._gap), optional(alias($._rest, $.signal))),
    user_instruction: ($) => seq(keyword('USER'), repeat($._gap), optional(alias($._rest, $.user))),

    // All that is left of the instruction is one value, white space included.
    _rest: ($) => prec.right(seq($._plain_word, repeat(choice($._plain_word, $._gap)))),

    env_instruction: ($) =>
      seq(keyword('ENV'), repeat($._gap), optional(choice($._env_pairs, alias($._legacy_env_pair, $.env_pair)))),
    _env_pairs: ($) => seq($.env_pair, repeat(choice($.env_pair, $._gap))),
    env_pair: ($) => $._pair,
    _legacy_env_pair: ($) => $._legacy,

    label_instruction: ($) =>
      seq(keyword('LABEL'), repeat($._gap), optional(choice($._label_pairs, alias($._legacy_label_pair, $.label_pair)))),
    _label_pairs: ($) => seq($.label_pair, repeat(choice($.label_pair, $._gap))),
    label_pair: ($) => $._pair,
    _legacy_label_pair: ($) => $._legacy,

    arg_instruction: ($) => seq(keyword('ARG'), repeat(choice($.arg_pair, $._gap))),
    arg_pair: ($) => $._pair,

    _pair: ($) =>
      prec.right(
        seq(
          $._word,
          choice(
            seq(
              field('name', alias($._pair_name, $.unquoted_string)),
              optional(seq(alias($._equals, '='), optional(field('value', $._quoting_value)))),
            ),
            seq(alias($._equals, '='), optional(field('value', $._quoting_value))),
          ),
        ),
      ),
    _legacy: ($) =>
      seq(
        $._legacy_pair,
        field('name', alias($._plain_pieces, $.unquoted_string)),
        repeat($._gap),
        optional(field('value', alias($._rest, $.unquoted_string))),
      ),

    onbuild_instruction: ($) => seq(keyword('ONBUILD'), repeat($._gap), optional($._instruction)),

    healthcheck_instruction: ($) =>
      seq(
        keyword('HEALTHCHECK'),
        optional($._flags),
        optional(
          choice(
            seq($._word, keywordInWord('NONE'), optional($._unexpected_text)),
            seq($._word, keywordInWord('CMD'), repeat($._gap), optional($._shell_or_json)),
            seq(alias($._plain_word, $.unexpected), optional($._unexpected_text)),
          ),
        ),
      ),

    unknown_instruction: ($) =>
      seq(field('keyword', alias($._unknown_word, $.unknown_keyword)), optional($._unexpected_text)),
    _unknown_word: ($) =>
      prec.right(
        seq(
          choice(new RegExp(`[^${BLANK}${WIDE_BLANK}\\\\\`][^${BLANK}\\\\\`]*`), /[\\`]/, NUL),
          repeat(choice(text(`${BLANK}\\\\\``), immediate(/[\\`]/), $._inner_gap)),
        ),
      ),
    _unexpected_text: ($) => repeat1(choice(alias($.shell_fragment, $.unexpected), $._gap)),

    // ---- flags --------------------------------------------------------------------------------------------------

    // The list is a node of its own so that an incremental parse that reuses it may still find it to go on: the scanner
    // tells from `--` being possible.
    _flags: ($) => choice($._end_of_flags_marker, seq($._flag_list, optional($._end_of_flags_marker))),
    _flag_list: ($) => repeat1(choice($.param, $.mount_param, $._gap)),
    // `--` alone: what follows is no flag, whatever it looks like.
    _end_of_flags_marker: ($) => seq(alias($._end_of_flags, '--'), repeat($._gap)),

    param: ($) =>
      prec.right(
        seq(
          $._flag,
          immediate('--', 1),
          optional(field('name', $.param_name)),
          optional(choice(seq(immediate('=', 2), optional(field('value', $._param_value))), field('value', $._param_value))),
        ),
      ),
    param_name: ($) => name($, `${BLANK}=${SPECIAL}`),
    _param_value: ($) => alias($._flag_pieces, $.param_value),
    _flag_pieces: ($) => prec.right(repeat1($._flag_piece)),
    _flag_piece: ($) =>
      choice(
        text(`${BLANK}${SPECIAL}`),
        $.double_quoted_string,
        alias($._single_quoted_in_flag, $.single_quoted_string),
        alias($._quoting_expansion, $.expansion),
        immediate('$'),
        $._escaped,
        $._inner_gap,
      ),

    mount_param: ($) =>
      prec.right(
        seq(
          $._flag,
          immediate('--', 1),
          field('name', alias(immediate('mount', 1), $.param_name)),
          // `--mount"="…` is one to BuildKit; whatever else stands here is for the semantic layer to judge.
          repeat(choice(text(`${BLANK}=${SPECIAL}`), immediate(/["'$]/), $._escaped, $._inner_gap)),
          optional(seq(immediate('=', 2), repeat(choice($.mount_param_param, immediate(','), immediate(/["']/), $._inner_gap)))),
        ),
      ),
    mount_param_param: ($) =>
      prec.right(
        choice(
          seq(
            field('name', $.mount_key),
            optional(seq(immediate('=', 2), optional(field('value', alias($._mount_value, $.mount_value))))),
          ),
          // A field that starts with something odd: an `=`, a variable, an escape.
          seq(immediate('=', 2), optional(field('value', alias($._mount_value, $.mount_value)))),
          field('value', alias($._odd_mount_value, $.mount_value)),
        ),
      ),
    mount_key: ($) => name($, `${BLANK}=,${SPECIAL}`),
    _mount_value: ($) =>
      prec.right(
        repeat1(
          choice(
            text(`${BLANK},${SPECIAL}`, 2),
            $.expansion,
            immediate('$'),
            $._escaped,
            $._inner_gap,
          ),
        ),
      ),
    _odd_mount_value: ($) =>
      prec.right(
        seq(choice($.expansion, immediate('$'), immediate(NUL), $._escaped), optional($._mount_value)),
      ),

    // ---- images -------------------------------------------------------------------------------------------------

    image_spec: ($) =>
      prec.right(
        seq(
          $._word,
          repeat(immediate(/["']/)),
          optional(seq($._registry, field('registry', $.image_registry), immediate('/', 2), repeat(immediate(/["']/)))),
          optional($._image_parts),
        ),
      ),
    _image_parts: ($) =>
      prec.right(seq($._image_part, repeat(choice($._image_part, immediate(/["']/))))),
    _image_part: ($) =>
      choice(field('name', $.image_name), field('tag', $.image_tag), field('digest', $.image_digest)),
    image_registry: ($) =>
      prec.right(repeat1(choice(text(`${BLANK}/@${SPECIAL}`), $.expansion, immediate('$')))),
    image_name: ($) =>
      prec.right(
        repeat1(
          choice(
            text(`${BLANK}:@${SPECIAL}`),
            $.expansion,
            immediate('$'),
            $._plain_escaped,
            $._inner_gap,
          ),
        ),
      ),
    image_tag: ($) => prec.right(seq(immediate(':'), optional($._image_tag_text))),
    image_digest: ($) => prec.right(seq(immediate('@'), optional($._image_digest_text))),
    _image_tag_text: ($) =>
      prec.right(
        repeat1(
          choice(
            text(`${BLANK}@${SPECIAL}`, 1),
            $.expansion,
            immediate('$'),
            $._plain_escaped,
            $._inner_gap,
          ),
        ),
      ),
    _image_digest_text: ($) =>
      prec.right(
        repeat1(
          choice(
            text(`${BLANK}${SPECIAL}`, 2),
            $.expansion,
            immediate('$'),
            $._plain_escaped,
            $._inner_gap,
          ),
        ),
      ),

    // ---- words --------------------------------------------------------------------------------------------------

    // A word that only white space ends: quotes are characters like others.
    _plain_word: ($) => seq($._word, $._plain_pieces),
    _plain_pieces: ($) => prec.right(repeat1($._plain_piece)),
    _plain_piece: ($) =>
      choice(
        text(`${BLANK}${SPECIAL}`),
        immediate(/["']/),
        $.expansion,
        immediate('$'),
        $._plain_escaped,
        $._inner_gap,
      ),
    _plain_escaped: ($) => choice(alias($._plain_escape, $.escape_sequence), immediate(/[\\`]/)),

    // A word that goes on over blanks inside its quotes.
    _quoting_pieces: ($) => prec.right(repeat1($._quoting_piece)),
    _quoting_piece: ($) =>
      choice(
        text(`${BLANK}${SPECIAL}`),
        $.double_quoted_string,
        $.single_quoted_string,
        alias($._quoting_expansion, $.expansion),
        immediate('$'),
        $._escaped,
        $._inner_gap,
      ),
    _quoting_value: ($) => alias($._quoting_pieces, $.unquoted_string),
    _pair_name: ($) =>
      prec.right(
        repeat1(
          choice(
            text(`${BLANK}=${SPECIAL}`, 1),
            $.double_quoted_string,
            $.single_quoted_string,
            alias($._quoting_expansion, $.expansion),
            immediate('$'),
            $._escaped,
            $._inner_gap,
          ),
        ),
      ),
    _escaped: ($) => choice(alias($._escape, $.escape_sequence), immediate(/[\\`]/)),

    double_quoted_string: ($) =>
      prec.right(
        seq(
          immediate('"'),
          repeat(
            choice(
              text('"$\\\\`\\n', IN_STRING),
              $._in_quotes,
              alias($._quoted_expansion, $.expansion),
              immediate('$'),
              $._escaped,
              $._gap,
              $._inner_gap,
            ),
          ),
          optional(immediate('"', 2)),
        ),
      ),
    single_quoted_string: ($) =>
      prec.right(
        seq(
          immediate("'"),
          repeat(
            choice(
              text("'\\\\`\\n", IN_STRING),
              $._in_quotes,
              $._in_single_quotes,
              immediate(/\\+/, IN_STRING),
              immediate(/`+/, IN_STRING),
              $._gap,
              $._inner_gap,
            ),
          ),
          optional(immediate("'", 2)),
        ),
      ),
    // That of a flag, where the escape character counts.
    _single_quoted_in_flag: ($) =>
      prec.right(
        seq(
          immediate("'"),
          repeat(choice(text("'\\\\`\\n", IN_STRING), $._in_quotes, $._escaped, $._gap, $._inner_gap)),
          optional(immediate("'", 2)),
        ),
      ),

    // ---- variables ----------------------------------------------------------------------------------------------

    expansion: ($) => expansion($, $._plain_expansion_word, IN_WORD + 1),
    _quoting_expansion: ($) => expansion($, $._quoting_expansion_word, IN_WORD + 1),
    _quoted_expansion: ($) => expansion($, $._quoted_expansion_word, IN_STRING_IN_EXPANSION + 1),

    // A name, or one of the shell's special parameters, which BuildKit expands to nothing.
    variable: () => immediate(/[\p{L}_][\p{L}\p{N}_]*|[0-9]+|[@*#?!$-]/u, IN_VARIABLE),
    expansion_operator: () => immediate(/:[-+?]?|[-+?]|##?|%%?|\/\/?/, IN_VARIABLE),

    _plain_expansion_word: ($) =>
      prec.right(
        repeat1(
          choice(
            text(`${BLANK}}${SPECIAL}`, IN_WORD),
            immediate(/["']/),
            $.expansion,
            immediate('$'),
            $._plain_escaped,
            $._inner_gap,
          ),
        ),
      ),
    _quoting_expansion_word: ($) =>
      prec.right(
        repeat1(
          choice(
            text(`${BLANK}}${SPECIAL}`, IN_WORD),
            $.double_quoted_string,
            $.single_quoted_string,
            alias($._quoting_expansion, $.expansion),
            immediate('$'),
            $._escaped,
            $._inner_gap,
          ),
        ),
      ),
    _quoted_expansion_word: ($) =>
      prec.right(
        repeat1(
          choice(
            text('}"$\\\\`\\n', IN_STRING_IN_EXPANSION),
            $._in_quotes,
            alias($._quoted_expansion, $.expansion),
            immediate('$'),
            $._escaped,
            $._gap,
            $._inner_gap,
          ),
        ),
      ),

    // ---- JSON and heredocs --------------------------------------------------------------------------------------

    json_string_array: ($) =>
      seq($._json, '[', repeat(choice($.json_string, ',', $._gap, $._inner_gap)), ']', repeat($._gap)),
    json_string: ($) =>
      seq(
        '"',
        repeat(
          choice(
            immediate(/[^"\\`\r\n]+/, 1),
            immediate('`'),
            alias(immediate(/\\[^\r\n]/), $.escape_sequence),
            $._gap,
            $._inner_gap,
          ),
        ),
        immediate('"', 2),
      ),

    heredoc_block: ($) => seq($._heredoc_newline, optional($.heredoc_body), optional($.heredoc_end)),
  },
});
