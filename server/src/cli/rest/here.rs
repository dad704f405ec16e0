//! REST of the data directory: the server's own endpoints, asked within this process, with no rim around them.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::response::Response;
use http::Request;
use http::header::CONTENT_TYPE;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{Question, Refusal};
use crate::api::{self, problem::Problem};
use crate::cli::place::Place;
use crate::rim::{Operator, Parts, Rules, Shared};

pub(super) struct Here {
    pub(super) place: Place,
    router: Router,
}

impl Here {
    pub(super) fn new(place: Place) -> Self {
        let (desk, shutdown) = (place.desk.clone(), CancellationToken::new());
        let shared = Shared::new(Parts { rules: rules(desk.limits().dataset_bytes), desk, shutdown });
        let router = api::endpoints().iter().fold(Router::new(), |router, endpoint| endpoint.mount(router));
        Self { place, router: router.with_state(shared) }
    }

    pub(super) async fn ask(&self, question: Question) -> anyhow::Result<Bytes> {
        let mut request =
            Request::builder().method(question.method).uri(question.path).body(Body::from(question.body))?;
        if !question.media_type.is_empty() {
            request.headers_mut().insert(CONTENT_TYPE, question.media_type.parse()?);
        }
        request.extensions_mut().insert(Operator(self.place.actor().await?));
        let answered: Result<Response<Body>, Infallible> = self.router.clone().oneshot(request).await;
        let Ok(answer) = answered;
        if answer.status().is_success() {
            return Ok(to_bytes(answer.into_body(), usize::MAX).await?);
        }
        let problem = answer.extensions().get::<Arc<Problem>>().map(|problem| Problem::clone(problem));
        Err(Refusal::of(&problem.unwrap_or_else(|| Problem::of_status(answer.status()))).into())
    }
}

/// Whoever may open the data directory is not kept short.
fn rules(body_bytes: usize) -> Rules {
    Rules {
        public_origin: None,
        https: false,
        trusted_proxies: Vec::new(),
        body_bytes,
        timeout: Duration::MAX,
        session_micros: 0,
    }
}
