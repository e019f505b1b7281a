//! What is wrong with a document. One file per rule, one line each in [`RULES`].
//!
//! A rule looks at the stage table and reports [`Finding`]s with their fixes. It decides nothing about names: that is done
//! in [`stages`](crate::stages). One root cause is one finding: what several rules would see, the most telling one says.

mod bases;
mod buildkit;
mod comments;
mod context;
mod copies;
mod cross;
mod development;
mod documentation;
mod fix_all;
mod flags;
mod from_words;
mod ignore;
mod json_text;
mod mismatch;
mod mismatch_fixes;
mod mount;
mod names;
mod near;
mod near_variable;
mod new_lines;
mod owners;
mod running;
mod source;
mod stage_edits;
pub mod stage_roles;
#[cfg(test)]
mod testing;
mod undeclared;
pub mod values;

mod arg_default_differs;
mod arg_lost_across_stages;
mod bad_platform;
mod bind_instead_of_copy;
mod build_needs_dev_dependencies;
mod cache_mount_not_writable;
mod chown_differs_from_user;
mod consistent_instruction_casing;
mod copied_into_root_home;
mod copy_after_user_without_chown;
mod copy_all_before_install;
mod copy_from_cache_mount;
mod copy_from_empty_stage;
mod copy_from_untagged_image;
mod copy_ignored_file;
mod copy_source_not_produced;
mod created_user_not_used;
mod cross_build_ignores_target;
mod dead_unnamed_stage;
mod default_target_is_dev;
mod delete_after_copy;
mod deprecated_command;
mod dev_dependencies_shipped;
mod directories_flattened;
mod distroless_interpreter_twice;
mod dockerfile_not_found;
mod dummy_source_stays_fresh;
mod duplicate_stage_name;
mod dynamic_binary_in_static_base;
mod empty_env_from_arg;
mod empty_volume;
mod entrypoint_resets_cmd;
mod env_lost_across_stages;
mod env_path_not_carried;
mod explicit_root_at_end;
mod expose_invalid_format;
mod expose_proto_casing;
mod final_on_build_platform;
mod forbidden_onbuild;
mod from_as_casing;
mod from_later_stage;
mod from_platform_flag_const_disallowed;
mod from_stage_name_case;
mod from_syntax;
mod global_arg_not_redeclared;
mod hard_coded_arch;
mod heredoc_as_destination;
mod ignored_bake_word;
mod image_latest;
mod image_without_tag;
mod inline_comment;
mod instruction_before_from;
mod invalid_default_arg_in_from;
mod invalid_definition_description;
mod invalid_directive;
mod invalid_expansion;
mod invalid_flag_value;
mod invalid_healthcheck;
mod invalid_image_name;
mod invalid_json_form;
mod invalid_key_value;
mod invalid_mount;
mod invalid_port;
mod invalid_signal;
mod invalid_stage_name;
mod json_args_recommended;
mod legacy_key_value_format;
mod libc_mismatch;
mod link_chown_by_name;
mod maintainer_deprecated;
mod many_sources_one_file;
mod metadata_lost;
mod misplaced_directive;
mod missing_arguments;
mod mount_from_stage_number;
mod mount_target_root;
mod multiple_instructions_disallowed;
mod named_user_without_passwd;
mod native_deps_from_build_platform;
mod needs_newer_syntax;
mod no_ca_certificates;
mod no_empty_continuation;
mod no_stage;
mod number_for_named_stage;
mod package_lists_left;
mod platform_arg_default;
mod platform_arg_not_declared;
mod redundant_target_platform;
mod relative_copy_source;
mod relative_dest_without_workdir;
mod remote_copy_source;
mod reserved_stage_name;
mod run_without_shell;
mod runtime_library_missing;
mod runtime_version_mismatch;
mod secret_file_copied;
mod secrets_used_in_arg_or_env;
mod shell_form_without_shell;
mod single_stage_with_toolchain;
mod stage_copies_from_itself;
mod stage_cycle;
mod stage_forward_reference;
mod stage_index_out_of_range;
mod stage_name_casing;
mod stage_outside_default_build;
mod target_not_found;
mod test_stage_skipped;
mod toolchain_in_final;
mod uname_on_build_platform;
mod undeclared_build_arg;
mod undefined_arg_in_from;
mod undefined_var;
mod unknown_flag;
mod unknown_instruction;
mod unknown_rule;
mod unknown_stage_reference;
mod unnamed_stage_used_by_number;
mod unterminated_heredoc;
mod unused_arg;
mod user_not_in_stage;
mod vague_stage_name;
mod variable_in_stage_reference;
mod volatile_arg_early;
mod whole_workdir_copied;
mod windows_flags;
mod workdir_relative_path;
mod wrong_package_manager;

use std::{ops::Range, path::PathBuf, sync::OnceLock};

pub use buildkit::CHECKS;
pub use documentation::Example;
pub use fix_all::fix_all;
pub use ignore::Ignore;
pub use names::{is_known, nearest_name, nearest_rule, rule_index};
pub use source::{SourceContext, check_source, check_source_only};

use crate::{document::Document, settings::Level, text::Edit};
use context::Context;

/// Every rule, in the order of their names.
pub static RULES: [&Rule; 127] = [
    &consistent_instruction_casing::CONSISTENT_INSTRUCTION_CASING,
    &copy_ignored_file::COPY_IGNORED_FILE,
    &duplicate_stage_name::DUPLICATE_STAGE_NAME,
    &expose_invalid_format::EXPOSE_INVALID_FORMAT,
    &expose_proto_casing::EXPOSE_PROTO_CASING,
    &from_as_casing::FROM_AS_CASING,
    &from_platform_flag_const_disallowed::FROM_PLATFORM_FLAG_CONST_DISALLOWED,
    &invalid_default_arg_in_from::INVALID_DEFAULT_ARG_IN_FROM,
    &invalid_definition_description::INVALID_DEFINITION_DESCRIPTION,
    &json_args_recommended::JSON_ARGS_RECOMMENDED,
    &legacy_key_value_format::LEGACY_KEY_VALUE_FORMAT,
    &maintainer_deprecated::MAINTAINER_DEPRECATED,
    &multiple_instructions_disallowed::MULTIPLE_INSTRUCTIONS_DISALLOWED,
    &no_empty_continuation::NO_EMPTY_CONTINUATION,
    &redundant_target_platform::REDUNDANT_TARGET_PLATFORM,
    &reserved_stage_name::RESERVED_STAGE_NAME,
    &secrets_used_in_arg_or_env::SECRETS_USED_IN_ARG_OR_ENV,
    &stage_name_casing::STAGE_NAME_CASING,
    &undefined_arg_in_from::UNDEFINED_ARG_IN_FROM,
    &undefined_var::UNDEFINED_VAR,
    &workdir_relative_path::WORKDIR_RELATIVE_PATH,
    &arg_default_differs::ARG_DEFAULT_DIFFERS,
    &arg_lost_across_stages::ARG_LOST_ACROSS_STAGES,
    &bad_platform::BAD_PLATFORM,
    &bind_instead_of_copy::BIND_INSTEAD_OF_COPY,
    &build_needs_dev_dependencies::BUILD_NEEDS_DEV_DEPENDENCIES,
    &cache_mount_not_writable::CACHE_MOUNT_NOT_WRITABLE,
    &chown_differs_from_user::CHOWN_DIFFERS_FROM_USER,
    &copied_into_root_home::COPIED_INTO_ROOT_HOME,
    &copy_after_user_without_chown::COPY_AFTER_USER_WITHOUT_CHOWN,
    &copy_all_before_install::COPY_ALL_BEFORE_INSTALL,
    &copy_from_cache_mount::COPY_FROM_CACHE_MOUNT,
    &copy_from_empty_stage::COPY_FROM_EMPTY_STAGE,
    &copy_from_untagged_image::COPY_FROM_UNTAGGED_IMAGE,
    &copy_source_not_produced::COPY_SOURCE_NOT_PRODUCED,
    &created_user_not_used::CREATED_USER_NOT_USED,
    &cross_build_ignores_target::CROSS_BUILD_IGNORES_TARGET,
    &dead_unnamed_stage::DEAD_UNNAMED_STAGE,
    &default_target_is_dev::DEFAULT_TARGET_IS_DEV,
    &delete_after_copy::DELETE_AFTER_COPY,
    &deprecated_command::DEPRECATED_COMMAND,
    &dev_dependencies_shipped::DEV_DEPENDENCIES_SHIPPED,
    &directories_flattened::DIRECTORIES_FLATTENED,
    &distroless_interpreter_twice::DISTROLESS_INTERPRETER_TWICE,
    &dockerfile_not_found::DOCKERFILE_NOT_FOUND,
    &dummy_source_stays_fresh::DUMMY_SOURCE_STAYS_FRESH,
    &dynamic_binary_in_static_base::DYNAMIC_BINARY_IN_STATIC_BASE,
    &empty_env_from_arg::EMPTY_ENV_FROM_ARG,
    &empty_volume::EMPTY_VOLUME,
    &entrypoint_resets_cmd::ENTRYPOINT_RESETS_CMD,
    &env_lost_across_stages::ENV_LOST_ACROSS_STAGES,
    &env_path_not_carried::ENV_PATH_NOT_CARRIED,
    &explicit_root_at_end::EXPLICIT_ROOT_AT_END,
    &final_on_build_platform::FINAL_ON_BUILD_PLATFORM,
    &forbidden_onbuild::FORBIDDEN_ONBUILD,
    &from_later_stage::FROM_LATER_STAGE,
    &from_stage_name_case::FROM_STAGE_NAME_CASE,
    &from_syntax::FROM_SYNTAX,
    &global_arg_not_redeclared::GLOBAL_ARG_NOT_REDECLARED,
    &hard_coded_arch::HARD_CODED_ARCH,
    &heredoc_as_destination::HEREDOC_AS_DESTINATION,
    &ignored_bake_word::IGNORED_BAKE_WORD,
    &image_latest::IMAGE_LATEST,
    &image_without_tag::IMAGE_WITHOUT_TAG,
    &inline_comment::INLINE_COMMENT,
    &instruction_before_from::INSTRUCTION_BEFORE_FROM,
    &invalid_directive::INVALID_DIRECTIVE,
    &invalid_expansion::INVALID_EXPANSION,
    &invalid_flag_value::INVALID_FLAG_VALUE,
    &invalid_healthcheck::INVALID_HEALTHCHECK,
    &invalid_image_name::INVALID_IMAGE_NAME,
    &invalid_json_form::INVALID_JSON_FORM,
    &invalid_key_value::INVALID_KEY_VALUE,
    &invalid_mount::INVALID_MOUNT,
    &invalid_port::INVALID_PORT,
    &invalid_signal::INVALID_SIGNAL,
    &invalid_stage_name::INVALID_STAGE_NAME,
    &libc_mismatch::LIBC_MISMATCH,
    &link_chown_by_name::LINK_CHOWN_BY_NAME,
    &many_sources_one_file::MANY_SOURCES_ONE_FILE,
    &metadata_lost::METADATA_LOST,
    &misplaced_directive::MISPLACED_DIRECTIVE,
    &missing_arguments::MISSING_ARGUMENTS,
    &mount_from_stage_number::MOUNT_FROM_STAGE_NUMBER,
    &mount_target_root::MOUNT_TARGET_ROOT,
    &named_user_without_passwd::NAMED_USER_WITHOUT_PASSWD,
    &native_deps_from_build_platform::NATIVE_DEPS_FROM_BUILD_PLATFORM,
    &needs_newer_syntax::NEEDS_NEWER_SYNTAX,
    &no_ca_certificates::NO_CA_CERTIFICATES,
    &no_stage::NO_STAGE,
    &number_for_named_stage::NUMBER_FOR_NAMED_STAGE,
    &package_lists_left::PACKAGE_LISTS_LEFT,
    &platform_arg_default::PLATFORM_ARG_DEFAULT,
    &platform_arg_not_declared::PLATFORM_ARG_NOT_DECLARED,
    &relative_copy_source::RELATIVE_COPY_SOURCE,
    &relative_dest_without_workdir::RELATIVE_DEST_WITHOUT_WORKDIR,
    &remote_copy_source::REMOTE_COPY_SOURCE,
    &run_without_shell::RUN_WITHOUT_SHELL,
    &runtime_library_missing::RUNTIME_LIBRARY_MISSING,
    &runtime_version_mismatch::RUNTIME_VERSION_MISMATCH,
    &secret_file_copied::SECRET_FILE_COPIED,
    &shell_form_without_shell::SHELL_FORM_WITHOUT_SHELL,
    &single_stage_with_toolchain::SINGLE_STAGE_WITH_TOOLCHAIN,
    &stage_copies_from_itself::STAGE_COPIES_FROM_ITSELF,
    &stage_cycle::STAGE_CYCLE,
    &stage_forward_reference::STAGE_FORWARD_REFERENCE,
    &stage_index_out_of_range::STAGE_INDEX_OUT_OF_RANGE,
    &stage_outside_default_build::STAGE_OUTSIDE_DEFAULT_BUILD,
    &target_not_found::TARGET_NOT_FOUND,
    &test_stage_skipped::TEST_STAGE_SKIPPED,
    &toolchain_in_final::TOOLCHAIN_IN_FINAL,
    &uname_on_build_platform::UNAME_ON_BUILD_PLATFORM,
    &undeclared_build_arg::UNDECLARED_BUILD_ARG,
    &unknown_flag::UNKNOWN_FLAG,
    &unknown_instruction::UNKNOWN_INSTRUCTION,
    &unknown_rule::UNKNOWN_RULE,
    &unknown_stage_reference::UNKNOWN_STAGE_REFERENCE,
    &unnamed_stage_used_by_number::UNNAMED_STAGE_USED_BY_NUMBER,
    &unterminated_heredoc::UNTERMINATED_HEREDOC,
    &unused_arg::UNUSED_ARG,
    &user_not_in_stage::USER_NOT_IN_STAGE,
    &vague_stage_name::VAGUE_STAGE_NAME,
    &variable_in_stage_reference::VARIABLE_IN_STAGE_REFERENCE,
    &volatile_arg_early::VOLATILE_ARG_EARLY,
    &whole_workdir_copied::WHOLE_WORKDIR_COPIED,
    &windows_flags::WINDOWS_FLAGS,
    &wrong_package_manager::WRONG_PACKAGE_MANAGER,
];

/// One thing to look for.
#[derive(Debug)]
pub struct Rule {
    /// Its name: kebab-case, or BuildKit's where it is one of BuildKit's checks. Stable for ever.
    pub code: &'static str,
    /// One line.
    pub summary: &'static str,
    /// What its findings usually are; one of them may be more or less.
    pub severity: Severity,
    /// Its doc comment, with the blank that each line starts with.
    doc: &'static str,
    /// Put together once: every finding has it.
    page: OnceLock<String>,
    check: Check,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
enum Check {
    Dockerfile(fn(&Context<'_>, &mut Findings)),
    /// A file that says what is built from Dockerfiles.
    Source(fn(&SourceContext<'_>, &mut Findings)),
}

/// Makes a [`Rule`] whose doc comment is also kept as text.
macro_rules! rule {
    ($(#[doc = $doc:literal])+ $name:ident: $code:literal, $summary:literal, $severity:ident, $check:path) => {
        $crate::rules::rule! { @ $($doc)+, $name, $code, $summary, $severity, Dockerfile, $check }
    };
    ($(#[doc = $doc:literal])+ $name:ident: $code:literal, $summary:literal, $severity:ident, source $check:path) => {
        $crate::rules::rule! { @ $($doc)+, $name, $code, $summary, $severity, Source, $check }
    };
    (@ $($doc:literal)+, $name:ident, $code:literal, $summary:literal, $severity:ident, $kind:ident, $check:path) => {
        $(#[doc = $doc])+
        pub static $name: $crate::rules::Rule = $crate::rules::Rule {
            code: $code,
            summary: $summary,
            severity: $crate::rules::Severity::$severity,
            doc: concat!($($doc, "\n"),+),
            page: std::sync::OnceLock::new(),
            check: $crate::rules::Check::$kind($check),
        };
    };
}
use rule;

/// How bad a finding is. An `Error` means that the build certainly fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Hint,
    Information,
    Warning,
    Error,
}

/// How a client may show the text of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// Nothing needs this text: fade it.
    Unnecessary,
    Deprecated,
}

/// Another place that belongs to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// In bytes.
    pub range: Range<usize>,
    pub message: String,
}

/// A place in another file that belongs to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    pub file: PathBuf,
    /// In bytes.
    pub range: Range<usize>,
    /// From 0.
    pub line: usize,
    pub message: String,
}

/// A change that removes a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub title: String,
    /// Non-overlapping, in file order, ranges in the text as it is.
    pub edits: Vec<Edit>,
    /// Whether this is the change that most people would want.
    pub preferred: bool,
}

/// One thing that is wrong, at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name: kebab-case, or BuildKit's where the rule is one of its checks.
    pub code: &'static str,
    /// The page that explains the rule, where there is one.
    pub page: Option<&'static str>,
    pub severity: Severity,
    /// In bytes.
    pub range: Range<usize>,
    pub message: String,
    pub related: Vec<Related>,
    /// Places in other files that belong to it.
    pub elsewhere: Vec<Elsewhere>,
    pub tags: Vec<Tag>,
    pub fixes: Vec<Fix>,
    /// The check of BuildKit that says the same here, where the rule is none: who switches that off does not want this either.
    pub also: Option<&'static str>,
}

/// All findings of a document with their fixes, in file order.
pub fn check(doc: &Document) -> Vec<Finding> {
    run(&Context::new(doc, true), |_| true)
}

/// Those of some rules, by their codes.
pub fn check_some(doc: &Document, codes: &[&str]) -> Vec<Finding> {
    let mut findings = run(&Context::new(doc, true), |rule| codes.contains(&rule.code));
    // Some rules report what is another's.
    findings.retain(|finding| codes.contains(&finding.code));
    findings
}

/// The same without fixes, some of which take longer than all else together: for every keystroke.
pub fn check_only(doc: &Document) -> Vec<Finding> {
    let mut findings = run(&Context::new(doc, false), |_| true);
    findings.iter_mut().for_each(|finding| finding.fixes.clear());
    findings
}

fn run(context: &Context<'_>, wanted: impl Fn(&Rule) -> bool) -> Vec<Finding> {
    let mut findings = Findings { all: Vec::new() };
    let levels = &context.doc.settings().levels;
    for (index, rule) in RULES.iter().enumerate() {
        if let Check::Dockerfile(check) = rule.check
            && levels.get(index) != Some(Level::Off)
            && wanted(rule)
        {
            check(context, &mut findings);
        }
    }
    let other_frontend = context.doc.has_other_frontend();
    if other_frontend {
        findings.all.retain(|finding| !BY_FRONTEND.contains(&finding.code));
        findings
            .all
            .iter_mut()
            .for_each(|finding| finding.severity = finding.severity.min(Severity::Warning));
    }
    findings.all.sort_by_key(|finding| (finding.range.start, finding.range.end));
    comments::obey(context, other_frontend, &mut findings.all);
    findings.all
}

/// Rules about what another frontend than Docker's may well accept.
const BY_FRONTEND: [&str; 22] = [
    "UndefinedVar",
    "bad-platform",
    "forbidden-onbuild",
    "from-syntax",
    "heredoc-as-destination",
    "instruction-before-from",
    "invalid-directive",
    "invalid-expansion",
    "invalid-flag-value",
    "invalid-healthcheck",
    "invalid-image-name",
    "invalid-json-form",
    "invalid-key-value",
    "invalid-mount",
    "invalid-port",
    "invalid-signal",
    "missing-arguments",
    "no-stage",
    "remote-copy-source",
    "unknown-flag",
    "unknown-instruction",
    "unterminated-heredoc",
];

/// Whether a `# syntax=` asks for a frontend that is not Docker's, with rules of its own.
/// Collects findings.
#[derive(Debug)]
struct Findings {
    all: Vec<Finding>,
}

impl Findings {
    /// Adds a finding of `rule`, as bad as the rule says. The rest is set on what this returns.
    fn report(
        &mut self,
        rule: &'static Rule,
        range: Range<usize>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.all.push(Finding {
            code: rule.code,
            page: Some(rule.page()),
            severity: rule.severity,
            range,
            message: message.into(),
            related: Vec::new(),
            elsewhere: Vec::new(),
            tags: Vec::new(),
            fixes: Vec::new(),
            also: None,
        });
        self.all.last_mut().expect("one was just added")
    }
}

impl Finding {
    /// The check of BuildKit whose comments count for it: its own, or the one that says the same.
    fn buildkit_check(&self) -> Option<&'static str> {
        if buildkit::when(self.code).is_some() { Some(self.code) } else { self.also }
    }

    /// Takes the severity that a setting gives its rule; `false` if that switches it off.
    fn obey(&mut self, level: Option<Level>) -> bool {
        match level {
            None => {}
            Some(Level::Off) => return false,
            Some(Level::Hint) => self.severity = Severity::Hint,
            Some(Level::Information) => self.severity = Severity::Information,
            Some(Level::Warning) => self.severity = Severity::Warning,
            Some(Level::Error) => self.severity = Severity::Error,
        }
        true
    }

    fn severity(&mut self, severity: Severity) -> &mut Finding {
        self.severity = severity;
        self
    }

    fn related(&mut self, range: Range<usize>, message: impl Into<String>) -> &mut Finding {
        self.related.push(Related { range, message: message.into() });
        self
    }

    /// Adds a fix, if there is one. Its edits may come in any order, and twice.
    fn fix(&mut self, title: impl Into<String>, edits: Option<Vec<Edit>>) -> &mut Finding {
        let Some(mut edits) = edits else { return self };
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
        edits.dedup();
        self.fixes.push(Fix { title: title.into(), edits, preferred: false });
        self
    }

    /// Says which check of BuildKit this is too.
    fn same_as(&mut self, check: Option<&'static str>) -> &mut Finding {
        self.also = check;
        self
    }

    /// Says that the only fix so far is what most people would want.
    fn prefer_single_fix(&mut self) -> &mut Finding {
        if let [fix] = &mut self.fixes[..] {
            fix.preferred = true;
        }
        self
    }

    fn prefer_first_fix(&mut self) -> &mut Finding {
        if let Some(fix) = self.fixes.first_mut() {
            fix.preferred = true;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::dockerignore::Ignore;

    #[test]
    fn every_rule_says_why_and_shows_what_to_write_instead() {
        for rule in RULES {
            for part in ["## Why", "## Example", "## Instead", "```dockerfile"] {
                assert!(rule.documentation().contains(part), "{}: {part}", rule.code);
            }
            assert!(!rule.summary.ends_with('.'), "{}", rule.code);
        }
        let mut codes: Vec<_> = RULES.iter().map(|rule| rule.code).collect();
        codes.dedup();
        assert_eq!(codes.len(), RULES.len());
        assert!(codes.is_sorted(), "{codes:?}");
    }

    #[test]
    fn the_example_of_every_rule_fires_and_what_to_write_instead_does_not() {
        for rule in RULES {
            // The one that the documentation of CopyIgnoredFile speaks of.
            let ignore = Ignore::parse("*.log").map(Arc::new).ok();
            let around = |doc: Document| doc.with_ignore(ignore.clone());
            let fires = |files| rule.findings(&files, around).iter().any(|f| f.code == rule.code);
            assert!(fires(rule.example()), "{}", rule.code);
            assert!(!fires(rule.instead()), "{}", rule.code);
        }
    }

    #[test]
    fn a_rule_says_the_same_alone() {
        for rule in RULES.iter().filter(|rule| matches!(rule.check, Check::Dockerfile(_))) {
            let doc = Document::open(&rule.example().dockerfile, 0);
            let all = check(&doc);
            for code in all.iter().map(|finding| finding.code) {
                let same: Vec<Finding> = all.iter().filter(|it| it.code == code).cloned().collect();
                assert_eq!(check_some(&doc, &[code]), same, "{code} in the example of {}", rule.code);
            }
        }
    }

    /// Lines that go wrong with each other.
    const LINES: [&str; 98] = [
        "",
        "# c",
        "ARG V=a",
        "ARG W",
        "FROM i:1",
        "FROM i:1",
        "FROM i:1 AS a",
        "FROM i:1 AS b",
        "FROM i:1 AS A",
        "FROM i:1 AS builder",
        "FROM i:1 AS license-set",
        "FROM golang:1 AS Builder",
        "FROM golang",
        "FROM a",
        "FROM b AS c",
        "FROM c",
        "FROM B",
        "FROM Builder AS d",
        "FROM $V AS e",
        "FROM ${V} AS a",
        "FROM x-$W AS e",
        "FROM i:1 AS x-1",
        "FROM i:1 AS 2nd",
        "FROM i:1 AS scratch",
        "FROM scratch",
        "FROM SCRATCH",
        "FROM V",
        "FROM i:1 x",
        "FROM i:1 AS",
        "FROM i:1 AS f # c",
        "FROM",
        "FROM i:1 --platform=p",
        "FROM golang AS golang",
        "COPY --from=a /a /a",
        "COPY --from=b /a /a",
        "COPY --from=c /a /a",
        "COPY --from=0 /a /a",
        "COPY --from=1 /a /a",
        "COPY --from=2 /a /a",
        "COPY --from=3 /a /a",
        "COPY --from=nginx /a /a",
        "COPY --from=set /a /a",
        "COPY --from=bulider a b",
        "COPY --from=Bulider a b",
        "COPY --from=$V /a /a",
        "COPY --from=${W} /a /a",
        "COPY --from=2nd /a /a",
        "COPY --from=a --from=b /a /a",
        "COPY --from a /a /a",
        "COPY --form=a /a /a",
        "ADD --from=a /a /a",
        "RUN --mount=from=a,target=/x ls",
        "RUN --mount=from=0,target=/x ls",
        "RUN --mount=from=$W,target=/x ls",
        "ONBUILD COPY --from=b /a /a",
        "ONBUILD COPY --from=zzz /a /a",
        "RUN ls \\",
        "RUN <<EOF\nFROM z\nEOF",
        "RUN <<EOF",
        "COPY a b # c",
        "ENV A=b # c",
        "ARG V",
        "ARG V=b",
        "ARG VERSION=1",
        "ARG TARGETARCH=amd64",
        "ENV E=$E",
        "env W=w",
        "RUN echo $V ${W:-x}",
        "LABEL v=$V w=$W",
        "USER $VERSOIN$E",
        "ONBUILD RUN echo $TARGETARCH $V",
        "WORKDIR x",
        "WORKDIR $V",
        "WORKDIR /a # c",
        "# syntax=docker/dockerfile:1",
        "FROMi:1",
        "FRMO i:1",
        "CMD[\"a\"]",
        "RNU ls",
        "FOO a",
        "&& b",
        "COPY a",
        "ENV A",
        "ENV A=b c",
        "ENV A=b C =d",
        "ARG =b",
        "CMD ['a', 'b']",
        "CMD [1]",
        "SHELL bash",
        "COPY a <<EOF\nEOF",
        "RUN echo $((1 << N))",
        "ONBUILD ONBUILD RUN a",
        "ONBUILD COPY a",
        "ONBUILD rnu a",
        "FROM i:${V,,}",
        "FROM --platform=$TARGET_PLATFORM i:${VV}",
        "COPY \"a b\" c",
        "LABEL",
    ];

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { cases: 512, failure_persistence: None, ..Default::default() })]
        #[test]
        fn fixes_of_made_up_files_remove_what_they_are_for(
            lines in proptest::collection::vec(proptest::sample::select(&LINES[..]), 1..14),
            crlf in proptest::bool::ANY,
        ) {
            testing::check_fixes(&lines.join(if crlf { "\r\n" } else { "\n" }));
        }
    }

    #[test]
    fn another_frontend_has_rules_of_its_own() {
        let text = "FROM ./x.dockerfile#dev AS dev\nFROM ./y\nCOPY --from=dev --foo=x /a /a\n";
        let codes = |syntax: &str| -> Vec<_> {
            let doc = Document::open(&format!("# syntax={syntax}\n{text}"), 0);
            check(&doc).into_iter().map(|finding| (finding.code, finding.severity)).collect()
        };
        assert_eq!(codes("devthefuture/dockerfile-x"), []);
        for syntax in ["docker/dockerfile:1", "docker.io/docker/dockerfile-upstream:master"] {
            assert!(codes(syntax).contains(&("invalid-image-name", Severity::Error)), "{syntax}");
        }
    }

    #[test]
    fn without_fixes_the_findings_are_the_same() {
        for rule in RULES {
            let doc = Document::open(&rule.example().dockerfile, 0);
            let mut all = check(&doc);
            all.iter_mut().for_each(|finding| finding.fixes.clear());
            assert_eq!(check_only(&doc), all, "{}", rule.code);
        }
    }
}
