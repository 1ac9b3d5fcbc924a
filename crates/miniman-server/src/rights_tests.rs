//! Who gets what, asked through the whole router: every route as everyone, and a limited sight from every side.

mod hostile;
mod made_up;
mod renamed;
mod scoped;
mod walk;
mod withdrawn;

use axum::body::Body;
use http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use miniman_store::app::{NewTarget, Role};

use crate::api::testing::Fixture;
use crate::testing::{HOST, ORIGIN};

/// The shop, with `vera` the viewer, `scott` the viewer who sees `web-1` alone, and `olga` the operator beside `ada`.
/// There is one operation on `db-1`, and one on `web-1`.
async fn shop() -> Fixture {
    let shop = Fixture::shop().await;
    shop.server.add_user("vera", Role::Viewer);
    shop.server.add_scoped_user("scott", Role::Viewer, &["local/name:web-1"]);
    shop.server.add_user("olga", Role::Operator);
    for (id, name) in [("b", "db-1"), ("a", "web-1")] {
        let target = NewTarget { engine: "local".into(), container_id: id.repeat(64), name: name.into() };
        let now = shop.server.clock.now();
        let operation = shop.server.store.begin_operation("ada", "stop", &[target], now).unwrap();
        shop.server.store.finish_target(operation.id, 0, Some(&format!("{name} refused")), now).unwrap();
        shop.server.store.finish_operation(operation.id, now).unwrap();
    }
    shop
}

/// As a program asks, or a page of ours.
async fn ask(shop: &Fixture, who: &[(&str, String)], method: &str, path: &str, body: &str) -> Response<Body> {
    let mut request = Request::builder().method(method.parse::<Method>().unwrap()).uri(path);
    request = request.header("host", HOST).header("origin", ORIGIN);
    for (name, value) in who {
        request = request.header(*name, value);
    }
    if !body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    shop.server.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

fn by_token(shop: &Fixture, user: &str) -> Vec<(&'static str, String)> {
    vec![("authorization", format!("Bearer {}", shop.server.token(user)))]
}

/// Reads a body that ends before its end; gives how many bytes still came.
async fn broken_off(mut body: Body) -> usize {
    let mut bytes = 0;
    loop {
        match body.frame().await.expect("a body that breaks off does not look whole") {
            Ok(frame) => bytes += frame.into_data().map_or(0, |data| data.len()),
            Err(_) => return bytes,
        }
    }
}
