use proptest::prelude::*;

use super::*;
use crate::testing::TestServer;

#[test]
fn globs_are_of_whole_names() {
    for (glob, name, expected) in [
        ("web", "web", true),
        ("web", "web-1", false),
        ("web", "my-web", false),
        ("web*", "web-1", true),
        ("*web", "my-web", true),
        ("*", "", true),
        ("*", "anything", true),
        ("w?b", "web", true),
        ("w?b", "wb", false),
        ("w*b*c", "wabbbxc", true),
        ("w*b*c", "wabbbx", false),
        ("", "", true),
        ("", "a", false),
        ("WEB", "web", false),
        ("[a-z]eb", "web", false),
        ("w.b", "web", false),
        ("!web", "db", false),
        ("*\u{e9}?", "caf\u{e9}s", true),
    ] {
        assert_eq!(fits(glob, name), expected, "{glob} {name}");
    }
}

#[test]
fn a_pattern_says_engine_field_and_name_or_what_is_wrong() {
    for text in [
        "local/stack:shop",
        "*/stack:shop/service:web",
        "prod-?/name:web-*",
        "local/label:com.example/team=payments/eu",
        "local/stack:shop/label:a=",
    ] {
        assert_eq!(Scope::parse(&[text]).unwrap().stored(), text);
    }
    for text in [
        "",
        "shop",
        "stack:shop",
        "/stack:shop",
        "local/",
        "local/shop",
        "local/stack:",
        "local/stack:/service:web",
        "local/stack:shop/",
        "local/stack:a/stack:b",
        "local/image:busybox",
        "local/label:team",
        "local/label:=x",
        "local/!stack:shop",
    ] {
        assert_eq!(Scope::parse(&[text]), Err(BadScope::Pattern(text.to_owned())), "{text}");
    }
    let long = format!("local/name:{}", "x".repeat(PATTERN_BYTES_MAX));
    for text in ["local/name:a\nlocal/name:b", "local/name:\u{0}", &long] {
        assert_eq!(Scope::parse(&[text]), Err(BadScope::Text), "{text:?}");
    }
    assert_eq!(Scope::parse::<&str>(&[]), Err(BadScope::Count));
    assert_eq!(Scope::parse(&vec!["local/name:a"; PATTERNS_MAX + 1]), Err(BadScope::Count));
}

#[tokio::test]
async fn a_scope_includes_what_one_pattern_fits_wholly() {
    let server = TestServer::fresh();
    let entry = server.entry("shop-web-1", |container| {
        container.stack = Some("shop".into());
        container.service = Some("web".into());
        container.own_labels.insert("team".into(), "payments".into());
    });
    let sees = |patterns: &[&str]| Scope::parse(patterns).unwrap().includes(&entry);
    for (patterns, expected) in [
        (["local/stack:shop"].as_slice(), true),
        (&["*/stack:sh*"], true),
        (&["prod/stack:shop"], false),
        (&["prod/stack:shop", "local/service:web"], true),
        (&["local/stack:shop/service:web"], true),
        (&["local/stack:shop/service:db"], false),
        (&["local/name:shop-web-?"], true),
        (&["local/name:web"], false),
        (&["local/label:team=payments"], true),
        (&["local/label:team=pay*"], true),
        (&["local/label:team=other"], false),
        (&["local/label:te*=payments"], false),
    ] {
        assert_eq!(sees(patterns), expected, "{patterns:?}");
    }
    let bare = server.entry("lone", |_| {});
    for pattern in ["*/stack:*", "*/service:*", "*/label:team=*"] {
        assert!(!Scope::parse(&[pattern]).unwrap().includes(&bare), "{pattern}");
    }
}

#[tokio::test]
async fn a_tokens_scope_lies_within_its_owners() {
    let server = TestServer::fresh();
    let (web, db) = (server.entry("web", |_| {}), server.entry("db", |_| {}));
    let of = |name: &str| Scope::parse(&[format!("local/name:{name}")]).unwrap();
    let both = Sight::within([of("web"), of("*")]);
    assert!(both.includes(&web) && !both.includes(&db) && both.is_limited());
    let neither = Sight::within([of("web"), of("db")]);
    assert!(!neither.includes(&web) && !neither.includes(&db));
    assert!(Sight::everything().includes(&web) && !Sight::everything().is_limited());
}

#[tokio::test]
async fn a_stored_scope_that_cannot_be_read_sees_nothing() {
    let server = TestServer::fresh();
    let entry = server.entry("web", |_| {});
    for text in ["", "nonsense", "local/name:web\nnonsense"] {
        assert!(!Scope::of_stored(text).includes(&entry), "{text:?}");
    }
    assert!(Scope::of_stored("local/name:db\nlocal/name:web").includes(&entry));
}

fn by_the_book(glob: &[char], name: &[char]) -> bool {
    match (glob.split_first(), name.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) => {
            by_the_book(rest, name) || name.split_first().is_some_and(|(_, name)| by_the_book(glob, name))
        }
        (Some((one, rest)), Some((first, name))) => (*one == '?' || one == first) && by_the_book(rest, name),
        _ => false,
    }
}

proptest! {
    #[test]
    fn globs_fit_as_the_definition_says(glob in "[ab?*]{0,8}", name in "[ab*?]{0,8}") {
        let (of_glob, of_name): (Vec<_>, Vec<_>) = (glob.chars().collect(), name.chars().collect());
        prop_assert_eq!(fits(&glob, &name), by_the_book(&of_glob, &of_name));
    }

    #[test]
    fn what_is_read_is_written_as_it_was(text in "[a-z*?]{1,4}(/(stack|service|name|label|x):[a-z*=/]{0,6}){0,3}") {
        if let Ok(scope) = Scope::parse(&[&text]) {
            prop_assert_eq!(scope.stored(), text);
        }
    }
}
