//! Colours.

/// Whose colours a picture has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    #[default]
    Light,
    Dark,
    /// Those of the editor that shows it, as CSS variables.
    Editor,
}

impl Theme {
    /// Those that can be asked for by name.
    pub const NAMES: [(&'static str, Theme); 2] = [("light", Theme::Light), ("dark", Theme::Dark)];

    pub(super) fn palette(self) -> &'static Palette {
        match self {
            Theme::Light => &LIGHT,
            Theme::Dark => &DARK,
            Theme::Editor => &EDITOR,
        }
    }
}

/// The colours of one theme.
pub struct Palette {
    pub background: &'static str,
    pub text: &'static str,
    pub muted: &'static str,
    /// A stage.
    pub fill: &'static str,
    pub border: &'static str,
    /// An image or a build context.
    pub image_fill: &'static str,
    pub image: &'static str,
    pub target: &'static str,
    pub on_target: &'static str,
    pub from: &'static str,
    pub copy: &'static str,
    pub mount: &'static str,
    pub error: &'static str,
    pub on_error: &'static str,
    pub warning: &'static str,
    pub on_warning: &'static str,
}

const LIGHT: Palette = Palette {
    background: "#ffffff",
    text: "#1f2328",
    muted: "#59636e",
    fill: "#f6f8fa",
    border: "#afb8c1",
    image_fill: "#fff8e1",
    image: "#bf9b30",
    target: "#1a7f37",
    on_target: "#ffffff",
    from: "#6e7781",
    copy: "#0969da",
    mount: "#8250df",
    error: "#cf222e",
    on_error: "#ffffff",
    warning: "#9a6700",
    on_warning: "#ffffff",
};

const DARK: Palette = Palette {
    background: "#1f1f1f",
    text: "#e6e6e6",
    muted: "#9d9d9d",
    fill: "#2a2d2e",
    border: "#5a5d60",
    image_fill: "#3a3320",
    image: "#b89a3f",
    target: "#3fb950",
    on_target: "#0b1a0f",
    from: "#a0a0a0",
    copy: "#4fa6ff",
    mount: "#c58af9",
    error: "#f85149",
    on_error: "#1f0a09",
    warning: "#d29922",
    on_warning: "#1c1503",
};

/// The names are those of VS Code's theme colours. In its high-contrast themes the contrast border is the only colour that is
/// sure to be seen.
const EDITOR: Palette = Palette {
    background: "var(--vscode-editor-background, #ffffff)",
    text: "var(--vscode-editor-foreground, #1f2328)",
    muted: "var(--vscode-descriptionForeground, #59636e)",
    fill: "var(--vscode-editorWidget-background, #f6f8fa)",
    border: "var(--vscode-contrastBorder, var(--vscode-editorWidget-border, #afb8c1))",
    image_fill: "var(--vscode-editorWidget-background, #fff8e1)",
    image: "var(--vscode-charts-yellow, #bf9b30)",
    target: "var(--vscode-charts-green, #1a7f37)",
    on_target: "var(--vscode-editor-background, #ffffff)",
    from: "var(--vscode-descriptionForeground, #6e7781)",
    copy: "var(--vscode-charts-blue, #0969da)",
    mount: "var(--vscode-charts-purple, #8250df)",
    error: "var(--vscode-editorError-foreground, #cf222e)",
    on_error: "var(--vscode-editor-background, #ffffff)",
    warning: "var(--vscode-editorWarning-foreground, #9a6700)",
    on_warning: "var(--vscode-editor-background, #ffffff)",
};
