//! One line of the router's list: what it answers to, who may use it, and what the document says of it.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use domain::Permission;
use http::Method;
use serde_json::Value;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Content, ContentBuilder, RefOr, Required, Schema, SecurityRequirement};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::{Page, Whole, problem};
use crate::rim::Shared;

/// Who may use an endpoint. The desk decides; this is what it decides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Everybody known.
    Known,
    /// Whoever has this right.
    Needs(Permission),
}

/// How everybody is refused who is not known.
const UNKNOWN: (u16, &str) = (401, "Neither a good key nor a session came along");

/// Schemas by name.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// A REST endpoint.
pub struct Endpoint {
    /// Method.
    pub method: Method,
    /// Path with `{variables}`.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// What it does, in one sentence.
    pub summary: String,
    route: Box<dyn Fn(Router<Shared>) -> Router<Shared> + Send + Sync>,
    operation: OperationBuilder,
    bodies: Vec<(String, Content)>,
    schemas: Schemas,
}

impl Endpoint {
    /// `GET path`.
    pub fn get<H: Handler<T, Shared>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self::new(Method::GET, MethodFilter::GET, path, access, handler)
    }

    /// `POST path`.
    pub fn post<H: Handler<T, Shared>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self::new(Method::POST, MethodFilter::POST, path, access, handler)
    }

    /// `PUT path`.
    pub fn put<H: Handler<T, Shared>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self::new(Method::PUT, MethodFilter::PUT, path, access, handler)
    }

    /// `DELETE path`.
    pub fn delete<H: Handler<T, Shared>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self::new(Method::DELETE, MethodFilter::DELETE, path, access, handler)
    }

    fn new<H, T>(method: Method, filter: MethodFilter, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Shared>,
        T: 'static,
    {
        let id = format!("{}{}", method.as_str().to_lowercase(), path.replace(['/', '{', '}', '.', '-'], "_"));
        let mut operation = OperationBuilder::new().operation_id(Some(id));
        for name in variables(path) {
            operation = operation.parameter(path_parameter(name));
        }
        if access == Access::Public {
            operation = operation.security(SecurityRequirement::default());
        }
        let route = move |router: Router<Shared>| router.route(path, on(filter, handler.clone()));
        let summary = String::new();
        let (route, bodies, schemas) = (Box::new(route), Vec::new(), Vec::new());
        let made = Self { method, path, access, summary, route, operation, bodies, schemas };
        match access {
            Access::Public => made,
            Access::Known => made.refuses(&[UNKNOWN]),
            Access::Needs(_) => made.refuses(&[UNKNOWN, (403, "The key or the person has no right to this")]),
        }
    }

    /// Chapter, and what it does in one sentence.
    #[must_use]
    pub fn about(mut self, chapter: &str, summary: &str) -> Self {
        self.summary = summary.to_owned();
        self.operation = self.operation.tag(chapter).summary(Some(summary));
        if let Access::Needs(permission) = self.access {
            self.operation = self.operation.description(Some(format!("Needs the right to {permission}.")));
        }
        self
    }

    /// Takes the query `Q`.
    #[must_use]
    pub fn query<Q: IntoParams>(self) -> Self {
        self.query_without::<Q>(&[])
    }

    /// Takes the query `Q` but for some of its words.
    #[must_use]
    pub fn query_without<Q: IntoParams>(mut self, names: &[&str]) -> Self {
        let parameters = Q::into_params(|| Some(ParameterIn::Query));
        for parameter in parameters.into_iter().filter(|parameter| !names.contains(&parameter.name.as_str())) {
            self.operation = self.operation.parameter(parameter);
        }
        self
    }

    /// Takes JSON such as `example`.
    #[must_use]
    pub fn takes<T: ToSchema>(mut self, example: Value) -> Self {
        let content = ContentBuilder::new().schema(Some(self.schema::<T>())).example(Some(example)).build();
        self.body("application/json", content)
    }

    /// Takes a text such as `example`.
    #[must_use]
    pub fn takes_text(self, media_type: &str, example: &str) -> Self {
        let schema = ObjectBuilder::new().schema_type(Type::String).build();
        let content = ContentBuilder::new().schema(Some(schema)).example(Some(example.into())).build();
        self.body(media_type, content)
    }

    /// Takes a file as the body itself.
    #[must_use]
    pub fn takes_file(self, media_types: &[&str], example: &str) -> Self {
        let schema = || {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
                .build()
        };
        let content = || ContentBuilder::new().schema(Some(schema())).example(Some(example.into())).build();
        media_types.iter().fold(self, |endpoint, media_type| endpoint.body(media_type, content()))
    }

    /// Takes a form with the parts of `T`, one of which is a file.
    #[must_use]
    pub fn takes_form<T: ToSchema>(mut self, example: Value) -> Self {
        let content = ContentBuilder::new().schema(Some(self.schema::<T>())).example(Some(example)).build();
        self.body("multipart/form-data", content)
    }

    fn body(mut self, media_type: &str, content: Content) -> Self {
        self.bodies.push((media_type.to_owned(), content));
        self
    }

    /// Answers with JSON such as `example`.
    #[must_use]
    pub fn answers<T: ToSchema>(mut self, status: u16, words: &str, example: Value) -> Self {
        let schema = self.schema::<T>();
        self.answers_json(status, words, schema, example)
    }

    fn answers_json(mut self, status: u16, words: &str, schema: RefOr<Schema>, example: Value) -> Self {
        let content = ContentBuilder::new().schema(Some(schema)).example(Some(example)).build();
        let response = ResponseBuilder::new().description(words).content("application/json", content).build();
        self.operation = self.operation.response(status.to_string(), response);
        self
    }

    /// Answers with a page of `T`, such as one that holds `example`.
    #[must_use]
    pub fn answers_page<T: ToSchema>(mut self, example: Value, next: &str) -> Self
    where
        Page<T>: ToSchema,
    {
        let page = self.list_schema::<T, Page<T>>("Page");
        self.answers_json(200, "A page", page, serde_json::json!({ "items": [example], "next": next }))
    }

    /// Answers with the whole of a list of `T`, such as one that holds `example`.
    #[must_use]
    pub fn answers_list<T: ToSchema>(mut self, words: &str, example: Value) -> Self
    where
        Whole<T>: ToSchema,
    {
        let list = self.list_schema::<T, Whole<T>>("List");
        self.answers_json(200, words, list, serde_json::json!({ "items": [example] }))
    }

    /// Answers with something else than JSON, or with nothing.
    #[must_use]
    pub fn answers_with(mut self, status: u16, words: &str, media_type: Option<&str>) -> Self {
        let mut response = ResponseBuilder::new().description(words);
        if let Some(media_type) = media_type {
            let schema = ObjectBuilder::new().schema_type(Type::String).build();
            response = response.content(media_type, ContentBuilder::new().schema(Some(schema)).build());
        }
        self.operation = self.operation.response(status.to_string(), response.build());
        self
    }

    /// Problems that may come instead.
    #[must_use]
    pub fn refuses(mut self, problems: &[(u16, &str)]) -> Self {
        for (status, words) in problems {
            let reference = RefOr::<Schema>::Ref(utoipa::openapi::Ref::from_schema_name("Problem"));
            let content = ContentBuilder::new().schema(Some(reference)).build();
            let response = ResponseBuilder::new().description(*words).content(problem::MEDIA_TYPE, content).build();
            self.operation = self.operation.response(status.to_string(), response);
        }
        self
    }

    /// Adds the handler to a router.
    pub fn mount(&self, router: Router<Shared>) -> Router<Shared> {
        (self.route)(router)
    }

    /// Its part of the document.
    pub(super) fn into_document(mut self) -> (HttpMethod, &'static str, Operation, Schemas) {
        let method = match self.method {
            Method::POST => HttpMethod::Post,
            Method::PUT => HttpMethod::Put,
            Method::DELETE => HttpMethod::Delete,
            _ => HttpMethod::Get,
        };
        if !self.bodies.is_empty() {
            let body = RequestBodyBuilder::new().required(Some(Required::True));
            let body = self.bodies.into_iter().fold(body, |body, (kind, content)| body.content(kind, content));
            self.operation = self.operation.request_body(Some(body.build()));
        }
        (method, self.path, self.operation.build(), self.schemas)
    }

    fn schema<T: ToSchema>(&mut self) -> RefOr<Schema> {
        self.schema_as::<T>(T::name().into_owned())
    }

    /// The schema of a generic type has the same name whatever its parameter, refers to that one's, and does not bring it.
    fn list_schema<T: ToSchema, L: ToSchema>(&mut self, kind: &str) -> RefOr<Schema> {
        self.schema::<T>();
        self.schema_as::<L>(format!("{}{kind}", T::name()))
    }

    fn schema_as<T: ToSchema>(&mut self, name: String) -> RefOr<Schema> {
        self.schemas.push((name.clone(), <T as PartialSchema>::schema()));
        T::schemas(&mut self.schemas);
        RefOr::Ref(utoipa::openapi::Ref::from_schema_name(name))
    }
}

/// `{name}` and `{id}` of a path.
fn variables(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str) -> Parameter {
    let (kind, words) = match name {
        "name" => (Type::String, "Name of the model"),
        "set" => (Type::String, "Name of the feature set"),
        "entity" => (Type::String, "Your own key for the entity"),
        "version" => (Type::Integer, "Number of the version"),
        "prediction" => (Type::String, "Identity of the prediction, a UUID"),
        _ => (Type::Integer, "Identity"),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(words))
        .schema(Some(ObjectBuilder::new().schema_type(kind).build()))
        .build()
}
