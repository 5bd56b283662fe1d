using Microsoft.Playwright;

namespace Dit.Browser.Tests;

/// <summary>The server as a user starts it and one browser, for all tests.</summary>
public sealed class PageServer : IAsyncLifetime
{
    private static readonly string[] Browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private static readonly string[] BrowserArguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private DitServe? serve;
    private IPlaywright? playwright;

    /// <summary>Where the page is, without a slash at the end.</summary>
    public string Address => serve!.Address;

    /// <summary>The browser; null where there is none on this machine.</summary>
    public IBrowser? Browser { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (Find() is not { } executable)
        {
            return;
        }

        serve = await DitServe.Start();
        playwright = await Playwright.CreateAsync();
        Browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = executable, Args = BrowserArguments });
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.DisposeAsync();
        }

        playwright?.Dispose();
        serve?.Dispose();
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .SelectMany(folder => Browsers, Path.Combine).FirstOrDefault(File.Exists);
}

/// <summary>All tests share one server and one browser, and so run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserTests : ICollectionFixture<PageServer>
{
    public const string Name = "browser";
}
