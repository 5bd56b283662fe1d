namespace Dit.Text.Tokenizers.Decoders;

/// <summary>One step from the texts of tokens to a text; the last step's texts are put together.</summary>
internal delegate List<string> Decoder(List<string> tokens);
