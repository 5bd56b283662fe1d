using Dit.Server.Generation;

namespace Dit.Server.Safety;

/// <summary>What clients are told of what went wrong: one sentence, without anything of the server's inside.</summary>
/// <param name="names">Folders and files of the server, as full paths, and what clients know them by.</param>
/// <param name="tell">Told what clients are not.</param>
internal sealed class Sentences(IEnumerable<(string Path, string Name)> names, Action<string> tell)
{
    private readonly (string Path, string Name)[] names = [.. names.Where(each => Path.IsPathFullyQualified(each.Path) && each.Path.Length > 1).OrderByDescending(each => each.Path.Length)];

    /// <summary>A sentence in which the server's folders go by their names.</summary>
    public string Told(string sentence)
    {
        foreach (var (path, name) in names)
        {
            sentence = sentence.Replace(path, name, StringComparison.Ordinal);
        }

        return Printable.Line(sentence);
    }

    /// <summary>What an exception means to a client.</summary>
    public RefusedException Of(Exception e)
    {
        switch (e)
        {
            case RefusedException refused:
                return refused;
            case DitException:
                return RefusedException.Unusable(e.Message, e);
            case QueueFullException:
                return RefusedException.Busy(e.Message);
            case StoppingException:
                return new RefusedException(StatusCodes.Status503ServiceUnavailable, "stopping", e.Message, e) { RetryAfter = 5 };
            case EngineFailedException:
                return new RefusedException(StatusCodes.Status500InternalServerError, "server_error", e.Message, e); // The engine has told of it.
            case BadHttpRequestException bad:
                return Bad(bad);
            case OutOfMemoryException:
                tell("out of memory while a request was answered");
                return RefusedException.Busy("the server is out of memory; try again in a moment");
            default:
                tell($"unexpected {e.GetType().Name} while a request was answered");
                return new RefusedException(StatusCodes.Status500InternalServerError, "server_error", "something went wrong inside the server", e);
        }
    }

    private static RefusedException Bad(BadHttpRequestException e) => e.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => RefusedException.TooLarge("the body: expected fewer bytes, found more than this request may have"),
        StatusCodes.Status408RequestTimeout => new RefusedException(e.StatusCode, "timeout", "the body: expected it to come faster"),
        _ => new RefusedException(e.StatusCode, "invalid_request_error", "the request: expected HTTP that makes sense, found a damaged one"),
    };
}
