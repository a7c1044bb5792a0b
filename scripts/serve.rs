//! A static web server for `make serve`: loopback only, the standard library only.
//!
//! `serve FOLDER PORT` serves FOLDER on the first free port from PORT on. A tool of its own because Trunk's server
//! rebuilds the page at every start; compiled with plain rustc by serve.sh in a second.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::{env, fs, process, thread};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, port] = arguments.as_slice() else { fail("usage: serve FOLDER PORT") };
    let Ok(port) = port.parse::<u16>() else { fail(&format!("PORT must be a number from 0 to 65535, not {port:?}")) };
    let bound = (port..port.saturating_add(20)).find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok());
    let Some(listener) = bound else {
        fail(&format!("ports {port} to {} are taken; try make serve PORT=9000", port.saturating_add(19)))
    };
    let address = listener.local_addr().expect("a bound socket has an address");
    if port != 0 && address.port() != port {
        println!("Port {port} is taken.");
    }
    println!("gatescope is at http://{address}/ (Ctrl+C stops it)");
    let folder = PathBuf::from(folder);
    for stream in listener.incoming().flatten() {
        let folder = folder.clone();
        // A browser that goes away in the middle is no failure of ours.
        thread::spawn(move || answer(&stream, &folder).ok());
    }
}

fn fail(message: &str) -> ! {
    eprintln!("serve: {message}");
    process::exit(1)
}

/// Answers the one request on `stream`.
fn answer(mut stream: &TcpStream, folder: &Path) -> Result<()> {
    let mut request = String::new();
    let mut reader = BufReader::new(stream.take(16 * 1024));
    reader.read_line(&mut request)?;
    // The headers are read and not needed; an answer before their end would reset the connection.
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let found = file(folder, target).and_then(|path| Some((fs::read(&path).ok()?, mime(&path))));
    let (status, mime, body) = match (method, found) {
        ("GET" | "HEAD", Some((body, mime))) => ("200 OK", mime, body),
        ("GET" | "HEAD", None) => ("404 Not Found", "text/plain", b"not found\n".to_vec()),
        _ => ("405 Method Not Allowed", "text/plain", b"only GET\n".to_vec()),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {mime}\r\nContent-Length: {length}\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n"
    )?;
    if method != "HEAD" {
        stream.write_all(&body)?;
    }
    Ok(())
}

/// The file that an address names, never one outside `folder`.
fn file(folder: &Path, target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.trim_start_matches('/');
    let plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let path = folder.join(path);
    plain.then(|| if path.is_dir() { path.join("index.html") } else { path })
}

/// The Content-Type of a file; browsers insist on it for modules, wasm and styles.
fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}
