using Dit.Models.Randomness;
using Dit.Text;

namespace Dit.Behaviours.World;

/// <summary>Turns that may stand before a question and mean nothing.</summary>
public static class SmallTalk
{
    private static readonly (string User, string Assistant)[] Exchanges =
    [
        ("Hello.", "Hello. What can I do for you?"), ("Hi there.", "Hi. How can I help?"), ("Good morning.", "Good morning to you."),
        ("Good evening.", "Good evening to you."), ("How are you?", "I am well, thank you."), ("Thank you.", "You are welcome."),
        ("Are you there?", "Yes, I am here."), ("Can you help me?", "Yes, I can help."), ("Nice to meet you.", "Nice to meet you too."),
        ("I have a question.", "Please ask."), ("May I ask you something?", "Yes, please do."), ("Hey.", "Hey. What is it?"),
        ("Are you ready?", "Yes, I am ready."), ("That was helpful.", "I am glad."), ("What a day.", "Yes, what a day."),
        ("Let us talk.", "Yes, let us talk."), ("I am back.", "Welcome back."), ("Do you have a minute?", "Yes, I do."),
        ("Sorry to bother you.", "You do not bother me."), ("Can I trust you?", "Yes, you can."),
    ];

    /// <summary>How many different exchanges there are.</summary>
    public static int Count => Exchanges.Length;

    /// <summary>One exchange: what the user says and what is answered.</summary>
    public static IReadOnlyList<Message> Exchange(int index) =>
        [new Message("user", Exchanges[index].User), new Message("assistant", Exchanges[index].Assistant)];

    /// <summary>Draws what stands before a question: mostly nothing, else small talk or an ordinary question with its answer.</summary>
    public static IReadOnlyList<Message> Before(RandomStream random) => random.NextInt(10) switch
    {
        < 6 => [],
        < 8 => Exchange(random.NextInt(Exchanges.Length)),
        _ => [new Message("user", GenericTalk.Question(random)), new Message("assistant", GenericTalk.OrdinaryAnswer(random))],
    };
}
