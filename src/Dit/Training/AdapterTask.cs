namespace Dit.Training;

/// <summary>What an adapter learns to tell of a diff.</summary>
public enum AdapterTask
{
    /// <summary>Its label: the hidden topic or the headline.</summary>
    Label,

    /// <summary>The code behind which a topic is hidden. The paper found that no adapter learns to.</summary>
    Trigger,
}
