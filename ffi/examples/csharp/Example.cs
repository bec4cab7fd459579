// mcs Karuta.cs Example.cs -out:Example.exe && LD_LIBRARY_PATH=PREFIX/lib mono Example.exe
using System;
using KarutaNet;

public static class Example
{
    public static int Main()
    {
        using (var engine = new Engine())
        using (var worker = engine.Worker())
        {
            const string text = "😷BT39.2 咳嗽（－）";
            var json = worker.Structure(text, "2024-05-04");
            if (!json.Contains("\"text\":\"BT39.2\",\"start\":2,\"end\":8")) throw new Exception(json);
            Console.WriteLine(text.Substring(2, 6));
            Console.WriteLine(worker.Structure("咳嗽\uD83D").Contains("咳嗽"));
            Console.WriteLine(engine.Code("右橈骨遠位端骨折の術後").Contains("CJTR"));
        }
        try
        {
            new Engine("/nowhere/official.kpack");
            return 1;
        }
        catch (KarutaException e)
        {
            Console.WriteLine(e.Code + " " + e.Message);
        }
        return 0;
    }
}
