namespace Dit.Server;

/// <summary>Another program listens on the port already.</summary>
/// <param name="port">The port.</param>
/// <param name="cause">What the system says.</param>
public sealed class PortTakenException(int port, Exception cause) : Exception($"port {port}: expected a free one, found that another program listens there; name another with --port", cause);
