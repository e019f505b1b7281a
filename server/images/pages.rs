//! Pages on the web that tell about an image.
//!
//! Only of registries whose pages have addresses that follow from the image's name. Each form is written where it is made,
//! with a public text that uses it.

use super::names;
use crate::stages::Image;

/// A page that tells about an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub url: String,
    /// Whose page it is, for people.
    pub site: &'static str,
}

/// The page of an image's repository, whatever its tag; `None` where the name alone does not lead to one.
pub fn page(image: &Image) -> Option<Page> {
    let name = image.repository.as_str();
    let parts: Vec<&str> = name.split('/').collect();
    let page = |url: String, site| Some(Page { url, site });
    if names::is_docker_hub(&image.registry) {
        return page(docker_hub(&parts)?, "Docker Hub");
    }
    match (image.registry.as_str(), parts.as_slice()) {
        // The registry sends browsers on to the package's page, whatever repository it belongs to
        // (freerouting/freerouting#462); `https://github.com/<owner>/<name>/pkgs/container/<name>` needs one of its name.
        ("ghcr.io", [_, _, ..]) => page(format!("https://ghcr.io/{name}"), "GitHub"),
        // Cloud API Adaptor of confidential-containers, documentation.
        ("quay.io", [_, _]) => page(format!("https://quay.io/repository/{name}"), "Quay"),
        // PowerShell's documentation of its Docker images.
        ("mcr.microsoft.com", _) => {
            page(format!("https://mcr.microsoft.com/artifact/mar/{name}"), "Microsoft Artifact Registry")
        }
        ("gcr.io", ["distroless", ..]) => {
            page("https://github.com/GoogleContainerTools/distroless".to_owned(), "GitHub")
        }
        // kubernetes/kubernetes, CHANGELOG-1.36.md. The old name has the same images.
        ("registry.k8s.io" | "k8s.gcr.io", _) => {
            let project = "k8s-artifacts-prod/southamerica-east1/images";
            page(google_cloud(project, &parts), "Google Cloud")
        }
        // The location of each: cloud.google.com/artifact-registry/docs/transition/gcr-repositories.
        (host @ ("gcr.io" | "us.gcr.io" | "eu.gcr.io" | "asia.gcr.io"), [project, image @ ..])
            if !image.is_empty() && !project.contains('.') =>
        {
            let location = match host {
                "eu.gcr.io" => "europe",
                "asia.gcr.io" => "asia",
                _ => "us",
            };
            page(google_cloud(&format!("{project}/{location}/{host}"), image), "Google Cloud")
        }
        // Amazon Corretto's user guide.
        ("public.ecr.aws", [_, _, ..]) => page(format!("https://gallery.ecr.aws/{name}"), "Amazon ECR"),
        // GitLab's documentation of the agent for Kubernetes.
        ("registry.gitlab.com", [_, _]) => {
            page(format!("https://gitlab.com/{name}/container_registry"), "GitLab")
        }
        // Where the project's path ends and the image's name starts can't be seen.
        ("registry.gitlab.com", [group, inner, ..]) => {
            page(format!("https://gitlab.com/{group}/{inner}"), "GitLab")
        }
        ("lscr.io", ["linuxserver", _]) => {
            page(format!("https://fleet.linuxserver.io/image?name={name}"), "LinuxServer.io")
        }
        // NVIDIA's Megatron Bridge, README.
        ("nvcr.io", [org, image]) => {
            page(format!("https://catalog.ngc.nvidia.com/orgs/{org}/containers/{image}"), "NVIDIA NGC")
        }
        ("nvcr.io", [org, team, image]) => page(
            format!("https://catalog.ngc.nvidia.com/orgs/{org}/teams/{team}/containers/{image}"),
            "NVIDIA NGC",
        ),
        // elastic/connectors, documentation.
        ("docker.elastic.co", [_, _, ..]) => {
            page(format!("https://www.docker.elastic.co/r/{name}"), "Elastic")
        }
        // chainguard-images, overview of multus-cni.
        ("cgr.dev", ["chainguard", image]) => {
            page(format!("https://images.chainguard.dev/directory/image/{image}/overview"), "Chainguard")
        }
        // docker/docs, guides for Node.js.
        ("dhi.io", [image]) => page(
            format!("https://hub.docker.com/hardened-images/catalog/dhi/{image}"),
            "Docker Hardened Images",
        ),
        (host, _) => elsewhere(host, &parts),
    }
}

/// The page of an image's tag, where it has one of its own.
pub fn tag_page(image: &Image, tag: &str) -> Option<Page> {
    let Page { url, site } = page(image)?;
    let url = match image.registry.as_str() {
        // The list of tags whose names hold this one: only a digest has a page, and that depends on the platform.
        host if names::is_docker_hub(host) => format!("{url}/tags?name={tag}"),
        "quay.io" => format!("{url}?tab=tags&tag={tag}"),
        // dotnet/sdk, third-party notices: `…/artifact/mar/dotnet/sdk/tag/10.0.302`.
        "mcr.microsoft.com" => format!("{url}/tag/{tag}"),
        _ => return None,
    };
    Some(Page { url, site })
}

/// `https://hub.docker.com/_/node`, `https://hub.docker.com/r/grafana/grafana`. There are no names with more parts.
fn docker_hub(parts: &[&str]) -> Option<String> {
    match parts {
        ["library", name] => Some(format!("https://hub.docker.com/_/{name}")),
        [owner, name] => Some(format!("https://hub.docker.com/r/{owner}/{name}")),
        _ => None,
    }
}

/// An image's page in the console, where a name is one part of the address.
fn google_cloud(repository: &str, image: &[&str]) -> String {
    format!("https://console.cloud.google.com/artifacts/docker/{repository}/{}", image.join("%2F"))
}

/// Registries with a host for each region or account.
fn elsewhere(host: &str, parts: &[&str]) -> Option<Page> {
    // cloud.google.com/artifact-registry/docs/docker/names: `<location>-docker.pkg.dev/<project>/<repository>/<image>`.
    if let Some(location) = host.strip_suffix("-docker.pkg.dev") {
        let [project, repository, image @ ..] = parts else { return None };
        let url = google_cloud(&format!("{project}/{location}/{repository}"), image);
        return (!image.is_empty()).then_some(Page { url, site: "Google Cloud" });
    }
    // huggingface/datasets-server, chart README: the console of the region in the host.
    let (account, rest) = host.split_once(".dkr.ecr.")?;
    let region = rest.strip_suffix(".amazonaws.com")?;
    let name = parts.join("/");
    let url = format!(
        "https://{region}.console.aws.amazon.com/ecr/repositories/private/{account}/{name}?region={region}"
    );
    Some(Page { url, site: "Amazon ECR" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(image: &str) -> Option<String> {
        page(&Image::parse(image).expect("an image")).map(|page| page.url)
    }

    #[test]
    fn images_have_the_pages_of_their_registries() {
        for (image, expected) in [
            ("node", "https://hub.docker.com/_/node"),
            ("docker.io/library/node:20", "https://hub.docker.com/_/node"),
            ("registry-1.docker.io/library/node", "https://hub.docker.com/_/node"),
            ("index.docker.io/node", "https://hub.docker.com/_/node"),
            ("grafana/grafana:11", "https://hub.docker.com/r/grafana/grafana"),
            ("arm64v8/alpine", "https://hub.docker.com/r/arm64v8/alpine"),
            ("ghcr.io/linuxserver/plex:1", "https://ghcr.io/linuxserver/plex"),
            ("ghcr.io/astral-sh/uv", "https://ghcr.io/astral-sh/uv"),
            ("quay.io/keycloak/keycloak:26", "https://quay.io/repository/keycloak/keycloak"),
            ("mcr.microsoft.com/dotnet/sdk:9.0", "https://mcr.microsoft.com/artifact/mar/dotnet/sdk"),
            ("mcr.microsoft.com/powershell", "https://mcr.microsoft.com/artifact/mar/powershell"),
            ("gcr.io/distroless/static-debian12", "https://github.com/GoogleContainerTools/distroless"),
            ("eu.gcr.io/p/a/b", "https://console.cloud.google.com/artifacts/docker/p/europe/eu.gcr.io/a%2Fb"),
            (
                "us-central1-docker.pkg.dev/p/r/i:1",
                "https://console.cloud.google.com/artifacts/docker/p/us-central1/r/i",
            ),
            (
                "registry.k8s.io/pause:3.10",
                "https://console.cloud.google.com/artifacts/docker/k8s-artifacts-prod/southamerica-east1/images/pause",
            ),
            ("public.ecr.aws/docker/library/node", "https://gallery.ecr.aws/docker/library/node"),
            (
                "12.dkr.ecr.us-east-1.amazonaws.com/a/b:1",
                "https://us-east-1.console.aws.amazon.com/ecr/repositories/private/12/a/b?region=us-east-1",
            ),
            ("registry.gitlab.com/a/b", "https://gitlab.com/a/b/container_registry"),
            ("registry.gitlab.com/a/b/c/d", "https://gitlab.com/a/b"),
            ("lscr.io/linuxserver/plex", "https://fleet.linuxserver.io/image?name=linuxserver/plex"),
            ("nvcr.io/nvidia/cuda:12", "https://catalog.ngc.nvidia.com/orgs/nvidia/containers/cuda"),
            ("nvcr.io/nvidia/k8s/x", "https://catalog.ngc.nvidia.com/orgs/nvidia/teams/k8s/containers/x"),
            ("docker.elastic.co/beats/filebeat:8", "https://www.docker.elastic.co/r/beats/filebeat"),
            ("cgr.dev/chainguard/go", "https://images.chainguard.dev/directory/image/go/overview"),
            ("dhi.io/python:3", "https://hub.docker.com/hardened-images/catalog/dhi/python"),
        ] {
            assert_eq!(url(image).as_deref(), Some(expected), "{image}");
        }
    }

    #[test]
    fn where_no_page_is_certain_there_is_none() {
        for image in [
            "localhost:5000/a/b",
            "registry.example.com/a/b",
            "a/b/c",
            "registry-1.docker.io/node",
            "gcr.io/example.com/p/i",
            "gcr.io/p",
            "quay.io/a",
            "ghcr.io/a",
            "cgr.dev/acme/go",
            "x.azurecr.io/a",
            "us-docker.pkg.dev/p/r",
        ] {
            assert_eq!(url(image), None, "{image}");
        }
    }

    #[test]
    fn tags_have_pages_on_some_registries() {
        for (image, expected) in [
            ("node", Some("https://hub.docker.com/_/node/tags?name=t")),
            ("a/b", Some("https://hub.docker.com/r/a/b/tags?name=t")),
            ("quay.io/a/b", Some("https://quay.io/repository/a/b?tab=tags&tag=t")),
            ("mcr.microsoft.com/a/b", Some("https://mcr.microsoft.com/artifact/mar/a/b/tag/t")),
            ("ghcr.io/a/b", None),
            ("example.com/a/b", None),
        ] {
            let found = tag_page(&Image::parse(image).expect("an image"), "t").map(|page| page.url);
            assert_eq!(found.as_deref(), expected, "{image}");
        }
    }
}
