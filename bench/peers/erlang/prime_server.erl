%% Erlang: a process for each connection, which the virtual machine preempts. The same work and the same answer as the peers'.
-module(prime_server).
-export([start/0]).

start() ->
    Port = list_to_integer(os:getenv("PORT")),
    Options = [binary, {packet, http_bin}, {active, false}, {reuseaddr, true}, {backlog, 1024}, {nodelay, true}, {ip, {127, 0, 0, 1}}],
    {ok, Listener} = gen_tcp:listen(Port, Options),
    accept(Listener).

accept(Listener) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Pid = spawn(fun() -> receive go -> serve(Socket) end end),
    ok = gen_tcp:controlling_process(Socket, Pid),
    Pid ! go,
    accept(Listener).

serve(Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, {http_request, _Method, {abs_path, Path}, _Version}} ->
            IsLast = read_headers(Socket, false),
            Number = number(Path),
            Prime = atom_to_binary(is_prime(Number, 2)),
            Body = [<<"{\"number\":">>, integer_to_binary(Number), <<",\"prime\":">>, Prime, <<"}">>],
            ok = gen_tcp:send(Socket, [head(iolist_size(Body), IsLast), Body]),
            case IsLast of
                true -> gen_tcp:close(Socket);
                false -> serve(Socket)
            end;
        _ ->
            gen_tcp:close(Socket)
    end.

%% Whether the client wants the connection closed.
read_headers(Socket, IsLast) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, http_eoh} -> IsLast;
        {ok, {http_header, _, 'Connection', _, Value}} -> read_headers(Socket, string:lowercase(Value) =:= <<"close">>);
        {ok, _} -> read_headers(Socket, IsLast)
    end.

number(Path) ->
    [_, Query] = binary:split(Path, <<"?">>),
    {_, Number} = lists:keyfind(<<"number">>, 1, uri_string:dissect_query(Query)),
    binary_to_integer(Number).

head(Length, IsLast) ->
    Connection = case IsLast of true -> <<"close">>; false -> <<"keep-alive">> end,
    [<<"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: ">>, Connection,
     <<"\r\nContent-Length: ">>, integer_to_binary(Length), <<"\r\n\r\n">>].

is_prime(Number, Divisor) when Divisor < Number ->
    case Number rem Divisor of
        0 -> false;
        _ -> is_prime(Number, Divisor + 1)
    end;
is_prime(Number, _) -> Number > 1.
