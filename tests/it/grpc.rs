//! gRPC through tonic, client and server over sockets, with the layers for HTTP.

use hyper::rt::Executor;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use instrumental::testing::capture_async;
use instrumental::{Outcome, SpanKind, http as instrumental_http};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::ResourceSpans;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};
use tower_layer::Layer;

const METHOD: &str = "opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// Rejects empty requests and requests without a trace context.
struct Collector;

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let has_context = request.metadata().get("traceparent").is_some();
        if !has_context || request.get_ref().resource_spans.is_empty() {
            return Err(Status::internal("nothing to keep"));
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

/// Runs the tasks of connections as part of the captured test.
#[derive(Clone)]
struct InCapture;

impl<F> Executor<F> for InCapture
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    fn execute(&self, task: F) {
        drop(instrumental::spawn(task));
    }
}

async fn serve(listener: TcpListener) {
    let (stream, _) = listener.accept().await.expect("a client");
    let routes = Routes::new(TraceServiceServer::new(Collector)).prepare();
    let service = TowerToHyperService::new(instrumental_http::server().layer(routes));
    let connection = hyper::server::conn::http2::Builder::new(InCapture);
    let _ = connection
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn ask(address: SocketAddr) -> [Code; 2] {
    let channel = Channel::from_shared(format!("http://{address}")).expect("an address");
    let channel = channel.executor(InCapture).connect_lazy();
    let mut client = TraceServiceClient::new(instrumental_http::client().layer(channel));
    let mut codes = [Code::Unknown; 2];
    for (code, spans) in codes.iter_mut().zip([1, 0]) {
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans::default(); spans],
        };
        *code = client
            .export(request)
            .await
            .map_or_else(|status| status.code(), |_| Code::Ok);
    }
    codes
}

#[test]
fn both_sides_of_tonic_are_one_trace() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let (codes, seen) = runtime.block_on(capture_async(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::select! {
            codes = ask(address) => codes,
            () = serve(listener) => panic!("the server ended"),
            () = tokio::time::sleep(Duration::from_secs(30)) => panic!("no response within the deadline"),
        }
    }));
    assert_eq!(codes, [Code::Ok, Code::Internal]);
    let of = |kind| {
        let spans = seen
            .spans()
            .filter(move |span| span.kind == kind && span.name == METHOD);
        spans.collect::<Vec<_>>()
    };
    let (clients, servers) = (of(SpanKind::Client), of(SpanKind::Server));
    assert_eq!((clients.len(), servers.len()), (2, 2), "{}", seen.tree());
    for (client, server) in clients.iter().zip(&servers) {
        let parent = (client.trace_id, client.span_id);
        assert_eq!((server.trace_id, server.parent_id), parent);
    }
    for spans in [clients, servers] {
        let outcomes: Vec<_> = spans.iter().map(|span| span.outcome).collect();
        assert_eq!(outcomes, [Some(Outcome::Ok), Some(Outcome::Error)]);
        assert_eq!(spans[1].field("rpc.grpc.status_code"), Some("13"));
    }
}
