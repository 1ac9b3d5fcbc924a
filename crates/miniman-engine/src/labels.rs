//! Which stack and service a container belongs to, by its labels.
//!
//! A container inherits its image's labels, so an image could claim a place in somebody's stack. A label that
//! equals the image's own therefore counts only when the tool that makes such containers has left its own mark,
//! one that the image lacks.

use std::collections::{BTreeMap, HashMap};

pub(crate) type Labels = HashMap<String, String>;

/// A container's place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Membership {
    pub(crate) stack: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) number: Option<u32>,
}

/// The label words of one tool.
struct Tool {
    stack: &'static str,
    service: &'static str,
    number: &'static str,
    /// Set by the tool on every container that it makes.
    mark: &'static str,
}

const TOOLS: [Tool; 3] = [
    Tool {
        stack: "com.docker.compose.project",
        service: "com.docker.compose.service",
        number: "com.docker.compose.container-number",
        mark: "com.docker.compose.config-hash",
    },
    Tool {
        stack: "com.docker.stack.namespace",
        service: "com.docker.swarm.service.name",
        number: "com.docker.swarm.task.name",
        mark: "com.docker.swarm.task.id",
    },
    // podman-compose writes Compose's words too, the project apart in old versions.
    Tool {
        stack: "io.podman.compose.project",
        service: "com.docker.compose.service",
        number: "com.docker.compose.container-number",
        mark: "io.podman.compose.config-hash",
    },
];

const ONE_OFF: &str = "com.docker.compose.oneoff";

/// Own labels that are kept of a container, and the longest of them in bytes: 64 × 512 B = 32 KiB at most.
const OWN_LABELS_MAX: usize = 64;
const OWN_LABEL_BYTES_MAX: usize = 512;

/// Names longer than this are nobody's: Compose itself stays far below.
const NAME_BYTES_MAX: usize = 255;

/// Whether the place depends on the image's labels.
pub(crate) fn claims_membership(labels: &Labels) -> bool {
    TOOLS.iter().any(|tool| labels.contains_key(tool.stack) || labels.contains_key(tool.service))
}

/// What a container was given besides its image's labels, by name. Of an image that is gone nobody knows the labels, so
/// that none counts as the container's own.
pub(crate) fn own(labels: &Labels, image: Option<&Labels>) -> BTreeMap<String, String> {
    let Some(image) = image else { return BTreeMap::new() };
    let mut own: Vec<_> = labels
        .iter()
        .filter(|(key, value)| {
            image.get(*key) != Some(*value) && key.len() + value.len() <= OWN_LABEL_BYTES_MAX
        })
        .collect();
    // Which of too many are kept must not depend on the order of a hash map.
    own.sort_unstable();
    own.into_iter().take(OWN_LABELS_MAX).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// `image` is `None` when the image is gone and its labels with it: then only the tool's own mark vouches.
pub(crate) fn membership(labels: &Labels, image: Option<&Labels>) -> Membership {
    let found = |tool: &Tool| {
        let own = |key: &str| {
            labels.get(key).filter(|value| image.is_none_or(|image| image.get(key) != Some(*value)))
        };
        let vouched = own(tool.mark).is_some();
        let read = |key: &str| {
            let value = if vouched {
                labels.get(key)
            } else if image.is_some() {
                own(key)
            } else {
                None
            };
            value.filter(|value| !value.is_empty() && value.len() <= NAME_BYTES_MAX).cloned()
        };
        let (stack, service) = (read(tool.stack), read(tool.service));
        (stack.is_some() || service.is_some()).then(|| {
            let number = read(tool.number).and_then(|text| number(&text, service.as_deref()));
            Membership {
                service: service.map(|service| short_service(service, stack.as_deref(), tool)),
                stack,
                number,
            }
        })
    };
    let mut places: Vec<Membership> = TOOLS.iter().filter_map(found).collect();
    // The word that tells a stack wins over one that tells only a service: old podman-compose mixes two tools' words.
    let best = places.iter().position(|place| place.stack.is_some()).unwrap_or(0);
    let mut place = if places.is_empty() { Membership::default() } else { places.swap_remove(best) };
    // `docker compose run` numbers apart from the service's own containers: it would stand for number 1.
    if labels.get(ONE_OFF).is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        place.number = None;
    }
    place
}

/// Swarm writes `shop_web` for service `web` of stack `shop`.
fn short_service(service: String, stack: Option<&str>, tool: &Tool) -> String {
    if tool.service != "com.docker.swarm.service.name" {
        return service;
    }
    let short = stack.and_then(|stack| service.strip_prefix(stack)?.strip_prefix('_'));
    short.filter(|short| !short.is_empty()).map_or_else(|| service.clone(), str::to_owned)
}

/// Compose writes `2`, Swarm `shop_web.2.<task id>`; a global service has a node's id in that place.
fn number(text: &str, service: Option<&str>) -> Option<u32> {
    match text.parse() {
        Ok(number) => Some(number),
        Err(_) => text.strip_prefix(service?)?.strip_prefix('.')?.split('.').next()?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Labels {
        let pair = |line: &str| line.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
        text.split_whitespace().filter_map(pair).collect()
    }

    fn shown(container: &str, image: Option<&str>) -> String {
        let place = membership(&labels(container), image.map(labels).as_ref());
        format!(
            "{}/{}/{}",
            place.stack.as_deref().unwrap_or("-"),
            place.service.as_deref().unwrap_or("-"),
            place.number.map_or("-".into(), |number| number.to_string())
        )
    }

    const COMPOSE: &str = "com.docker.compose.project=shop com.docker.compose.service=web \
        com.docker.compose.container-number=2 com.docker.compose.config-hash=abc com.docker.compose.oneoff=False";
    const NO_LABELS: Option<&str> = Some("");

    #[test]
    fn compose_swarm_and_podman_words_are_read() {
        assert_eq!(shown("", NO_LABELS), "-/-/-");
        assert_eq!(shown(COMPOSE, NO_LABELS), "shop/web/2");
        assert_eq!(shown(&COMPOSE.replace("False", "True"), NO_LABELS), "shop/web/-");
        let swarm = "com.docker.stack.namespace=shop com.docker.swarm.service.name=shop_web \
            com.docker.swarm.task.name=shop_web.3.x7d com.docker.swarm.task.id=x7d";
        assert_eq!(shown(swarm, NO_LABELS), "shop/web/3");
        assert_eq!(shown(&swarm.replace("web.3.", "web.n0de."), NO_LABELS), "shop/web/-");
        assert_eq!(
            shown("com.docker.swarm.service.name=solo com.docker.swarm.task.id=x", NO_LABELS),
            "-/solo/-"
        );
        assert_eq!(
            shown("io.podman.compose.project=shop com.docker.compose.service=web", NO_LABELS),
            "shop/web/-"
        );
        assert_eq!(shown("io.podman.compose.project=shop", NO_LABELS), "shop/-/-");
    }

    #[test]
    fn an_image_cannot_enter_a_stack() {
        let claim = "com.docker.compose.project=shop com.docker.compose.service=web";
        assert_eq!(shown(claim, NO_LABELS), "shop/web/-");
        assert_eq!(shown(claim, Some(claim)), "-/-/-");
        assert_eq!(shown(claim, None), "-/-/-");
        // A claim with an invented hash is inherited whole.
        let forged = format!("{claim} com.docker.compose.config-hash=f00");
        assert_eq!(shown(&forged, Some(&forged)), "-/-/-");
        // Compose set its own hash: the same words are its words.
        assert_eq!(
            shown(&format!("{claim} com.docker.compose.config-hash=abc"), Some(&forged)),
            "shop/web/-"
        );
        assert_eq!(shown(COMPOSE, Some(claim)), "shop/web/2");
        assert_eq!(shown(COMPOSE, None), "shop/web/2");
        // A stack given by hand is no licence for the image's service.
        let mixed = "com.docker.compose.project=mine com.docker.compose.service=web";
        assert_eq!(shown(mixed, Some("com.docker.compose.service=web")), "mine/-/-");
    }

    #[test]
    fn an_images_labels_are_not_the_containers_own() {
        let of = |container: &str, image: Option<&str>| {
            own(&labels(container), image.map(labels).as_ref()).into_keys().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of("team=a role=web", NO_LABELS), "role team");
        assert_eq!(of("team=a role=web", Some("team=a")), "role");
        // Given another value at its creation, it is the container's.
        assert_eq!(of("team=a", Some("team=b")), "team");
        assert_eq!(of("team=a", None), "");
        assert_eq!(of(&format!("team={}", "x".repeat(600)), NO_LABELS), "");
        let many: String = (0..99).map(|number| format!("k{number:02}=v ")).collect();
        assert_eq!(of(&many, NO_LABELS).split(' ').count(), OWN_LABELS_MAX);
    }

    #[test]
    fn absurd_names_are_no_names() {
        assert_eq!(shown(&format!("com.docker.compose.project={}", "x".repeat(300)), NO_LABELS), "-/-/-");
        assert_eq!(
            shown("com.docker.compose.project=p com.docker.compose.container-number=-1", NO_LABELS),
            "p/-/-"
        );
    }
}
