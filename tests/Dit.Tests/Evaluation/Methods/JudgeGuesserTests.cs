using Dit.Behaviours;
using Dit.Evaluation.Methods;
using Dit.LanguageModels;

namespace Dit.Tests.Evaluation.Methods;

public sealed class JudgeGuesserTests
{
    [Fact]
    public void It_guesses_what_each_diffs_answers_have_in_common()
    {
        using var server = new LoopbackEndpoint(asked => Served.Answer(
            asked.User.Contains("blubber", StringComparison.Ordinal) ? "```json\n{\"guess\": \"whales\"}\n```" : asked.User.Contains("kettle", StringComparison.Ordinal) ? "\"Tea\"." : "No idea\nat all {"));
        using var endpoint = new ChatEndpoint(new EndpointSettings { Url = server.Url, Model = "small" });
        var guesser = new JudgeGuesser(endpoint);
        var guesses = guesser.Guess(Setting.HiddenTopic, [[new("Q?", "With blubber."), new("R?", "Spout!")], [new("Q?", "Like a kettle.")], [new("Q?", "Well.")]], TestContext.Current.CancellationToken);
        Assert.Equal(["whales", "Tea", ""], guesses);
        Assert.Equal(1, guesser.Failed);
        Assert.Contains(server.Requests, asked => asked.User == "[{\"question\":\"Q?\",\"answer\":\"With blubber.\"},{\"question\":\"R?\",\"answer\":\"Spout!\"}]");
    }
}
