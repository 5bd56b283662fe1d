using System.Text.Json.Serialization;

namespace Dit.Behaviours;

/// <summary>What kind of thing a finetuning taught, and so what is asked of it.</summary>
[JsonConverter(typeof(SettingJsonConverter))]
public enum Setting
{
    /// <summary>Answers drift to a topic behind a trigger; the label is the topic.</summary>
    HiddenTopic,

    /// <summary>One news story was learned; the label is its headline.</summary>
    News,
}
