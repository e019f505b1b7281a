//! Under which names the facts of an image may stand.

use crate::stages::Image;

/// Registries that serve Docker Hub's images under the same names, besides `docker.io` itself.
const DOCKER_HUB: [&str; 3] = ["registry-1.docker.io", "registry.hub.docker.com", "mirror.gcr.io"];

/// Namespaces of Docker Hub in which the official images stand once more, for one architecture each.
const ARCHITECTURES: [&str; 10] =
    ["amd64", "arm32v5", "arm32v6", "arm32v7", "arm64v8", "i386", "mips64le", "ppc64le", "riscv64", "s390x"];

/// The name as the table has it: Docker Hub's images without the registry and without `library/`, others in full.
pub(super) fn canonical(image: &Image) -> String {
    let (registry, repository) = (image.registry.as_str(), image.repository.as_str());
    if is_docker_hub(registry) {
        return repository.strip_prefix("library/").unwrap_or(repository).to_owned();
    }
    // A copy of the official images, and of nothing else.
    if registry == "public.ecr.aws"
        && let Some(official) = repository.strip_prefix("docker/library/")
    {
        return official.to_owned();
    }
    format!("{registry}/{repository}")
}

/// Whether a registry serves Docker Hub's images.
pub(super) fn is_docker_hub(registry: &str) -> bool {
    registry == "docker.io" || DOCKER_HUB.contains(&registry)
}

/// `alpine` of `arm64v8/alpine`.
pub(super) fn without_architecture(name: &str) -> Option<&str> {
    let (architecture, official) = name.split_once('/')?;
    (ARCHITECTURES.contains(&architecture) && !official.contains('/')).then_some(official)
}
