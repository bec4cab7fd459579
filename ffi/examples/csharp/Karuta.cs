// karuta for .NET by P/Invoke: offsets count C#'s own chars. Share an engine; give each thread a worker.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace KarutaNet
{
    /// <summary>A call that failed.</summary>
    public sealed class KarutaException : Exception
    {
        public uint Code { get; }

        internal KarutaException(uint code) : base(Native.Text(Native.karuta_last_error())) { Code = code; }
    }

    internal static class Native
    {
        const string Lib = "karuta";

        [StructLayout(LayoutKind.Sequential)]
        internal struct Note
        {
            public UIntPtr Size;
            public IntPtr Text;
            public UIntPtr Length;
            public uint Encoding;
            public uint Offsets;
            public IntPtr Date;
        }

        [StructLayout(LayoutKind.Sequential)]
        internal struct Options
        {
            public UIntPtr Size;
            public IntPtr Packs;
            public UIntPtr PackCount;
            public IntPtr Log;
            public IntPtr LogUser;
            public uint LogLevel;
        }

        [DllImport(Lib)] internal static extern uint karuta_engine_new(ref Options options, out IntPtr engine);
        [DllImport(Lib)] internal static extern void karuta_engine_free(IntPtr engine);
        [DllImport(Lib)] internal static extern uint karuta_worker_new(IntPtr engine, out IntPtr worker);
        [DllImport(Lib)] internal static extern void karuta_worker_free(IntPtr worker);
        [DllImport(Lib)] internal static extern uint karuta_worker_structure_json(IntPtr worker, ref Note note, out IntPtr json, out UIntPtr length);
        [DllImport(Lib)] internal static extern uint karuta_code(IntPtr engine, ref Note phrase, out IntPtr coded);
        [DllImport(Lib)] internal static extern uint karuta_coded_json(IntPtr coded, out IntPtr json, out UIntPtr length);
        [DllImport(Lib)] internal static extern void karuta_coded_free(IntPtr coded);
        [DllImport(Lib)] internal static extern void karuta_string_free(IntPtr text);
        [DllImport(Lib)] internal static extern IntPtr karuta_last_error();

        internal static void Check(uint result) { if (result != 0) throw new KarutaException(result); }

        internal static string Text(IntPtr utf8)
        {
            int n = 0;
            while (Marshal.ReadByte(utf8, n) != 0) n++;
            return Text(utf8, n);
        }

        internal static string Text(IntPtr utf8, int length)
        {
            var bytes = new byte[length];
            Marshal.Copy(utf8, bytes, 0, length);
            return Encoding.UTF8.GetString(bytes);
        }

        internal static string Take(IntPtr json, UIntPtr length)
        {
            try { return Text(json, checked((int)(ulong)length)); }
            finally { karuta_string_free(json); }
        }

        internal static IntPtr Utf8(string text)
        {
            if (text == null) return IntPtr.Zero;
            var bytes = Encoding.UTF8.GetBytes(text + "\0");
            var p = Marshal.AllocHGlobal(bytes.Length);
            Marshal.Copy(bytes, 0, p, bytes.Length);
            return p;
        }

        internal delegate T With<T>(ref Note note);

        // pins the string: its chars are read where they lie
        internal static T WithNote<T>(string text, string date, With<T> then)
        {
            var pin = GCHandle.Alloc(text, GCHandleType.Pinned);
            var day = Utf8(date);
            try
            {
                var note = new Note { Text = pin.AddrOfPinnedObject(), Length = (UIntPtr)(uint)text.Length, Encoding = 1, Date = day };
                note.Size = (UIntPtr)(uint)Marshal.SizeOf(note);
                return then(ref note);
            }
            finally
            {
                pin.Free();
                Marshal.FreeHGlobal(day);
            }
        }
    }

    /// <summary>An engine, with packs laid over the built-in dictionaries.</summary>
    public sealed class Engine : IDisposable
    {
        internal IntPtr Handle;

        public Engine(params string[] packs)
        {
            var paths = new List<IntPtr>();
            foreach (var p in packs) paths.Add(Native.Utf8(p));
            var array = paths.ToArray();
            var pin = GCHandle.Alloc(array, GCHandleType.Pinned);
            try
            {
                var options = new Native.Options { Packs = pin.AddrOfPinnedObject(), PackCount = (UIntPtr)(uint)array.Length };
                options.Size = (UIntPtr)(uint)Marshal.SizeOf(options);
                Native.Check(Native.karuta_engine_new(ref options, out Handle));
            }
            finally
            {
                pin.Free();
                foreach (var p in paths) Marshal.FreeHGlobal(p);
            }
        }

        public Worker Worker() { return new Worker(this); }

        /// <summary>Codes a phrase that stands alone. Returns JSON: text, codings, name, candidates.</summary>
        public string Code(string phrase)
        {
            return Native.WithNote(phrase, null, (ref Native.Note note) =>
            {
                Native.Check(Native.karuta_code(Handle, ref note, out var coded));
                try
                {
                    Native.Check(Native.karuta_coded_json(coded, out var json, out var length));
                    return Native.Take(json, length);
                }
                finally { Native.karuta_coded_free(coded); }
            });
        }

        public void Dispose() { Native.karuta_engine_free(Handle); Handle = IntPtr.Zero; GC.SuppressFinalize(this); }

        ~Engine() { Native.karuta_engine_free(Handle); }
    }

    /// <summary>One thread's part of an engine.</summary>
    public sealed class Worker : IDisposable
    {
        IntPtr handle;

        internal Worker(Engine engine) { Native.Check(Native.karuta_worker_new(engine.Handle, out handle)); }

        /// <summary>Reads a note written on a day (ISO 8601, or null). Returns JSON; offsets are indexes into the string.</summary>
        public string Structure(string text, string date = null)
        {
            return Native.WithNote(text, date, (ref Native.Note note) =>
            {
                Native.Check(Native.karuta_worker_structure_json(handle, ref note, out var json, out var length));
                return Native.Take(json, length);
            });
        }

        public void Dispose() { Native.karuta_worker_free(handle); handle = IntPtr.Zero; GC.SuppressFinalize(this); }

        ~Worker() { Native.karuta_worker_free(handle); }
    }
}
