//! Java and its builders.

use super::dependencies::flag;
use super::words::{Word, text, words, words_of_names};
use super::writes::{nothing, usual};
use super::{Call, Compile, Compiler, Dependencies, Dev, Ecosystem, Manifest, Output, Product, Writes};

pub(super) fn dependencies<'a>(call: Call<'a>) -> Option<Dependencies<'a>> {
    let mut requests = call.arguments.iter().filter_map(text).filter(|word| !word.starts_with('-'));
    let (fetches, manifests): (bool, &[&'static str]) = match call.name {
        "mvn" | "mvnw" => {
            let goals = [
                "dependency:go-offline",
                "dependency:resolve",
                "dependency:resolve-plugins",
                "dependency:copy-dependencies",
            ];
            let offline =
                |goal: &str| goals.contains(&goal) || goal.ends_with("maven-dependency-plugin:go-offline");
            (requests.any(offline), &["pom.xml"])
        }
        _ => {
            let task = |task: &str| task.rsplit(':').next() == Some("dependencies");
            let manifests = &["build.gradle*", "settings.gradle*", "gradle.properties", "gradle"];
            (requests.any(task), manifests)
        }
    };
    // With another goal that compiles, it is no step of its own.
    let alone =
        !["package", "install", "verify", "build", "assemble", "compile"].iter().any(|goal| call.says(goal));
    (fetches && alone).then(|| Dependencies {
        ecosystem: Ecosystem::Java,
        tool: call.name,
        dev: Dev::Unknown,
        manifests: manifests.iter().copied().map(Manifest::Usual).collect(),
        sources: false,
    })
}

pub(super) fn compiles<'a>(call: Call<'a>) -> Option<Compile<'a>> {
    let says = |goals: &[&str]| {
        call.arguments
            .iter()
            .filter_map(text)
            .any(|word| goals.contains(&word.rsplit(':').next().unwrap_or_default()))
    };
    let native = says(&["nativeCompile", "nativeBuild", "native-image"])
        || call.says("-Pnative")
        || flag(call, "-Dquarkus.package.type") == Some(Some("native"))
        || flag(call, "-Dquarkus.native.enabled") == Some(Some("true"))
        || call.says("-Dnative");
    let builds = match call.name {
        "mvn" | "mvnw" => says(&["package", "install", "verify", "compile", "deploy", "repackage"]),
        "gradle" | "gradlew" => says(&[
            "build",
            "assemble",
            "jar",
            "bootJar",
            "shadowJar",
            "installDist",
            "distTar",
            "distZip",
            "war",
            "bootWar",
            "compileJava",
            "publish",
            "fatJar",
            "buildFatJar",
            "nativeCompile",
            "classes",
        ]),
        "sbt" => says(&["assembly", "compile", "package", "stage", "dist"]),
        "javac" | "native-image" | "ant" => {
            !call.arguments.is_empty() && !call.says("-version") && !call.says("--version")
        }
        _ => false,
    };
    builds.then(|| Compile {
        statically: call.says("--static"),
        // Maven's and Gradle's settings decide the rest.
        unclear: native,
        ..Compile::of(if native || call.name == "native-image" {
            Product::Native(Compiler::Other)
        } else {
            Product::Neutral
        })
    })
}

pub(super) fn writes<'a>(call: Call<'a>) -> Writes<'a> {
    let directory = |valued: &'static [&'static str], wanted: &[&str]| {
        words_of_names(call.arguments, valued).find_map(|word| match word {
            Word::Flag(name, value) if wanted.contains(&name) => value,
            _ => None,
        })
    };
    match call.name {
        _ if call.says("--version") || call.says("-version") => nothing(),
        // Modules have target directories of their own.
        "mvn" | "mvnw" => Writes::AtLeast(vec![usual("target", Product::Neutral)]),
        "gradle" | "gradlew" => Writes::AtLeast(vec![usual("build", Product::Neutral)]),
        "sbt" => Writes::AtLeast(vec![usual("target", Product::Neutral)]),
        "ant" => Writes::AtLeast(Vec::new()),
        "javac" => match directory(
            &["d", "cp", "classpath", "s", "h", "sourcepath", "source", "target", "release"],
            &["d"],
        ) {
            Some(folder) => Writes::Only(vec![Output::under(folder, Product::Neutral)]),
            None => Writes::AtLeast(Vec::new()),
        },
        "jlink" => match directory(
            &["output", "add-modules", "module-path", "p", "compress", "vm", "strip-debug-mode"],
            &["output"],
        ) {
            Some(folder) => Writes::Only(vec![Output::under(folder, Product::Native(Compiler::Other))]),
            None => nothing(),
        },
        "jdeps" | "keytool" => {
            let store = words_of_names(call.arguments, &["keystore"]).find_map(|word| match word {
                Word::Flag("keystore" | "destkeystore", value) => value,
                _ => None,
            });
            Writes::Only(store.map(|store| Output::exact(store, Product::Neutral)).into_iter().collect())
        }
        "jar" => Writes::AtLeast(Vec::new()),
        "native-image" => Writes::AtLeast(vec![usual("", Product::Native(Compiler::Other))]),
        // Spring Boot takes its layers apart.
        "java" if call.says("extract") && flag(call, "-Djarmode").is_some() => {
            let folder = words(call.arguments, &["destination"]).find_map(|word| match word {
                Word::Flag("destination", value) => value,
                _ => None,
            });
            Writes::Only(vec![match folder {
                Some(folder) => Output::under(folder, Product::Neutral),
                None => usual("", Product::Neutral),
            }])
        }
        _ => Writes::Anything,
    }
}
