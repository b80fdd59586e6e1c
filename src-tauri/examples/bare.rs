//! A window with an empty page and nothing else of ours: what every program of this kind costs at least.
//! `cargo xtask bench start` measures Courrier beside it. Both make the file that `COURRIER_STARTED_FILE` names at
//! their second animation frame.

use std::borrow::Cow;
use std::error::Error;

use tauri::utils::assets::{AssetKey, AssetsIter, CspHash};
use tauri::{App, Assets, Wry};

/// One page and its script, embedded like ours.
struct Page;

impl Assets<Wry> for Page {
    fn setup(&self, _: &App<Wry>) {}

    fn get(&self, key: &AssetKey) -> Option<Cow<'_, [u8]>> {
        let text: &[u8] = match key.as_ref() {
            "/index.html" => b"<!doctype html><meta charset=utf-8><title>Bare</title><script src=/bare.js></script>",
            "/bare.js" => {
                b"requestAnimationFrame(() => requestAnimationFrame(() => \
                  window.__TAURI_INTERNALS__.invoke('first_frame_drawn')));"
            }
            _ => return None,
        };
        Some(Cow::Borrowed(text))
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        Box::new(std::iter::empty())
    }

    fn csp_hashes(&self, _: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        Box::new(std::iter::empty())
    }
}

#[tauri::command]
async fn first_frame_drawn() -> Result<(), String> {
    let Some(file) = std::env::var_os("COURRIER_STARTED_FILE") else { return Ok(()) };
    std::fs::write(file, "").map_err(|error| error.to_string())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut context = tauri::generate_context!();
    context.set_assets(Box::new(Page));
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![first_frame_drawn])
        .setup(|app| {
            tauri::WebviewWindowBuilder::new(app, "main", tauri::WebviewUrl::default())
                .title("Bare")
                .inner_size(1160.0, 720.0)
                .build()?;
            Ok(())
        })
        .run(context)?;
    Ok(())
}
