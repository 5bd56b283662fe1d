using System.CommandLine;
using System.Net;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Server;
using Dit.Server.Shelving;
using Dit.Training;
using static TorchSharp.torch;

namespace Dit.Cli;

/// <summary><c>dit serve</c>: a page and an API to ask finetunes.</summary>
internal static class ServeCommand
{
    private const int UsualPort = 8420, PortsTried = 20;

    public static Command Create(Interruption interruption)
    {
        var basis = Verb.Base();
        var adapters = new Option<string[]>("--adapter")
        {
            Description = $"A DIT adapter: a folder or the name of a shipped one ({string.Join(", ", Shipped.Adapters)}); may be given again, and the first is asked unless another is chosen. Without it, the shipped ones with the shipped base.",
            HelpName = "FOLDER",
            Arity = ArgumentArity.OneOrMore,
        };
        var diffs = new Option<string[]>("--diff")
        {
            Description = "A finetune to offer: what dit ask takes, or a folder of PEFT adapters; may be given again. More can be dropped on the page.", HelpName = "X", Arity = ArgumentArity.OneOrMore,
        };
        var port = new Option<int?>("--port") { Description = $"The port; without it, {UsualPort} or the next that is free.", HelpName = "N" };
        port.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && number is < 0 or > IPEndPoint.MaxPort)
            {
                result.AddError($"--port: expected 0 to {IPEndPoint.MaxPort}, found {token.Value}.");
            }
        });
        var host = new Option<IPAddress>("--host")
        {
            Description = "The address to listen on; anything but this machine's own (127.0.0.1, the default) asks every client for a token that is printed at the start.",
            HelpName = "ADDR",
            DefaultValueFactory = _ => IPAddress.Loopback,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (text == "localhost")
                {
                    return IPAddress.Loopback;
                }

                if (!IPAddress.TryParse(text, out var address))
                {
                    result.AddError($"--host: expected an address such as 127.0.0.1 or 0.0.0.0, found '{text}'.");
                }

                return address;
            },
        };
        var uploads = new Option<string?>("--uploads") { Description = "The folder in which uploads are kept while the server runs; without it, the system's temporary one.", HelpName = "FOLDER" };
        var dtype = Verb.Type(otherwise: null);
        var baseWeights = Verb.BaseWeights();
        var device = Verb.Device();
        var command = new Command("serve", "Opens a page, and an API, on which finetunes are asked.") { basis, adapters, diffs, port, host, uploads, dtype, baseWeights, device };
        command.RequireFloat32Under(baseWeights, dtype);
        return command.Does(parsed =>
        {
            interruption.CanBeAsked = true; // What was uploaded has to go.
            using var model = BaseModel.Load(
                Path.GetFullPath(parsed.GetValue(basis) ?? Shipped.Base),
                parsed.GetValue(dtype) ?? (parsed.GetValue(baseWeights) is null ? null : ScalarType.Float32),
                ComputeDevice.Find(parsed.GetValue(device)!),
                parsed.GetValue(baseWeights) ?? KeptWeights.AsComputed);
            var shipped = Shipped.AdaptersOf(model);
            var named = parsed.GetValue(adapters) ?? [];
            var settings = new ServerSettings
            {
                Address = parsed.GetValue(host)!,
                Port = parsed.GetValue(port) ?? UsualPort,
                LastPort = parsed.GetValue(port) is null ? UsualPort + PortsTried : 0,
                Finetunes = [.. Gallery(shipped.Both is not null), .. (parsed.GetValue(diffs) ?? []).SelectMany(OfferedFinetune.Named)],
                DefaultAdapter = named.Length == 0 ? Path.GetFileName(shipped.Both) : null,
                UploadsIn = parsed.GetValue(uploads),
                Tell = Say.Error,
            };
            DitAdapter[] loaded = [.. (named.Length > 0 ? named.Select(Shipped.AdapterNamed) : new[] { shipped.Both, shipped.Topics, shipped.News }.OfType<string>()).Select(folder => DitAdapter.Read(Path.GetFullPath(folder)))];
            Serve(model, loaded, settings, interruption.Token).GetAwaiter().GetResult();
        });
    }

    private static IReadOnlyList<OfferedFinetune> Gallery(bool isShippedBase) => isShippedBase && Shipped.GalleryIfThere is { } folder ? Dit.Server.Shelving.Gallery.Read(folder) : [];

    private static async Task Serve(BaseModel model, DitAdapter[] adapters, ServerSettings settings, CancellationToken stop)
    {
        await using var server = await DitServer.Start(model, adapters, settings, stop);
        Say.Line(($"Serving {model.Name} with {Counted(adapters.Length, "DIT adapter")} and {Counted(settings.Finetunes.Count, "finetune")}.", null));
        var address = server.Address;
        var token = server.Token is { } some ? $"#token={some}" : "";
        string[] others = [];
        if (settings.Address.Equals(IPAddress.Any) || settings.Address.Equals(IPAddress.IPv6Any))
        {
            others = OwnAddresses.Found();
            address = new UriBuilder(address) { Host = Environment.MachineName }.Uri;
        }

        Say.Plain($"  Page: {address}{token}");
        foreach (var other in others)
        {
            Say.Plain($"    or: {new UriBuilder(address) { Host = other }.Uri}{token}");
        }

        Say.Plain($"  API:  {address}v1 for OpenAI clients{(server.Token is null ? "" : ", with the token as key")}; {address}api/openapi.json describes the rest");
        if (server.Token is not null)
        {
            Say.Plain("Whoever has such a link can ask; what is sent can be read on the way, so use it in networks that you trust.");
        }

        Say.Plain("Stop with Ctrl-C.");
        try
        {
            await Task.Delay(Timeout.Infinite, stop);
        }
        catch (OperationCanceledException)
        {
            Say.Plain("Stopped.");
        }
    }

    private static string Counted(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
